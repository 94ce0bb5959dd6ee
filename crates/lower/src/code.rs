//! Compilation proper: settings, the machine functions, and their assembly into one piece of code.

use crate::api::{Compiled, LowerOptions, Target};
use crate::cx::{Cx, Shape};
use crate::entries::{self, body_signature, entry_signature};
use crate::flow::Flow;
use crate::thunks::Thunks;
use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::ir::{self as clif, Signature, UserExternalName, UserFuncName};
use cranelift_codegen::isa::{OwnedTargetIsa, TargetIsa};
use cranelift_codegen::settings::{self, Configurable};
use cranelift_codegen::{Context, FinalizedRelocTarget};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use std::fmt::Write;
use std::sync::OnceLock;
use whipsnake_hir::ir::{Block, Function};
use whipsnake_hir::maps::HashMap;
use whipsnake_hir::ops::Op;

/// Code starts at multiples of this.
const ALIGN: u32 = 32;
/// The body's place in Cranelift's name space, by which the relocations of calls to it are known.
const BODY: UserExternalName = UserExternalName { namespace: 0, index: 1 };

/// The processor's instruction set with our settings; checked ones and unchecked ones are made once each.
pub(crate) fn isa(verify: bool) -> Result<&'static dyn TargetIsa, String> {
    static ISAS: [OnceLock<Result<OwnedTargetIsa, String>>; 2] = [OnceLock::new(), OnceLock::new()];
    let isa = ISAS[usize::from(verify)].get_or_init(|| {
        let check = if verify { "true" } else { "false" };
        let mut flags = settings::builder();
        for (name, value) in [
            ("opt_level", "none"),
            ("regalloc_algorithm", "backtracking"),
            ("enable_verifier", check),
            ("regalloc_checker", check),
            ("unwind_info", "false"),
            ("preserve_frame_pointers", "true"),
            ("is_pic", "false"),
            ("enable_probestack", "false"),
            ("log2_min_function_alignment", "5"),
        ] {
            flags.set(name, value).map_err(|e| e.to_string())?;
        }
        cranelift_native::builder()
            .map_err(str::to_string)?
            .finish(settings::Flags::new(flags))
            .map_err(|e| e.to_string())
    });
    isa.as_ref().map(AsRef::as_ref).map_err(Clone::clone)
}

/// Code under construction.
#[derive(Default)]
struct Image {
    code: Vec<u8>,
    insts: u32,
    clif: Option<String>,
    asm: Option<String>,
    /// Where the body is.
    body: Option<u32>,
    /// Where the thunks are.
    thunks: HashMap<UserExternalName, u32>,
}

impl Image {
    /// Appends code; returns its offset.
    fn place(&mut self, code: &[u8]) -> u32 {
        while !self.code.len().is_multiple_of(ALIGN as usize) {
            self.code.push(0xcc);
        }
        let start = self.code.len() as u32;
        self.code.extend_from_slice(code);
        start
    }

    /// Compiles a machine function and appends its code, with what it calls.
    fn append(&mut self, ctx: &mut Context, isa: &dyn TargetIsa, o: &LowerOptions, thunks: &Thunks) -> Result<u32, String> {
        if o.want_clif {
            let text = self.clif.get_or_insert_default();
            write!(text, "{}", ctx.func.display()).map_err(|e| e.to_string())?;
        }
        self.insts += ctx.func.dfg.num_insts() as u32;
        ctx.set_disasm(o.want_asm);
        ctx.compile(isa, &mut Default::default())
            .map_err(|e| cranelift_codegen::print_errors::pretty_error(e.func, e.inner))?;
        let done = ctx.take_compiled_code().expect("compilation has succeeded");
        if let Some(vcode) = &done.vcode {
            self.asm.get_or_insert_default().push_str(vcode);
        }
        if done.buffer.alignment > ALIGN {
            return Err(format!("code wants alignment {}", done.buffer.alignment));
        }
        let start = self.place(done.code_buffer());
        // They are numbered anew in each function.
        self.thunks.clear();
        let body = *self.body.get_or_insert(start);
        for r in done.buffer.relocs() {
            let name = match &r.target {
                FinalizedRelocTarget::ExternalName(clif::ExternalName::User(name)) => &ctx.func.params.user_named_funcs()[*name],
                t => return Err(format!("unexpected relocation to {t:?}")),
            };
            let target = match (self.thunks.get(name), thunks.code(name)) {
                _ if *name == BODY => body,
                (Some(&t), _) => t,
                (None, Some(code)) => {
                    let t = self.place(&code?);
                    self.thunks.insert(name.clone(), t);
                    t
                }
                (None, None) => return Err(format!("unexpected relocation to {name}")),
            };
            if r.kind != Reloc::X86CallPCRel4 {
                return Err(format!("unexpected relocation {:?}", r.kind));
            }
            let at = start + r.offset;
            let rel = i64::from(target) + r.addend - i64::from(at);
            let rel = i32::try_from(rel).map_err(|e| e.to_string())?;
            self.code[at as usize..at as usize + 4].copy_from_slice(&rel.to_le_bytes());
        }
        Ok(start)
    }
}

fn import_body(func: &mut clif::Function, f: &Function) -> clif::FuncRef {
    let name = func.declare_imported_user_function(BODY);
    let signature = func.import_signature(body_signature(f));
    func.import_function(clif::ExtFuncData {
        name: clif::ExternalName::user(name),
        signature,
        colocated: true,
        patchable: false,
    })
}

/// Lowers a function to machine code.
///
/// Fails on what this process cannot compile: an op whose type, helper or constant the target does not know, more live
/// values than the `Ctx` has words, a machine without a Cranelift backend.
pub fn compile(f: &Function, t: &Target, o: &LowerOptions) -> Result<Compiled, String> {
    let isa = isa(o.verify)?;
    let has_fma = isa.isa_flags().iter().any(|f| f.name == "has_fma" && f.as_bool() == Some(true));
    let flow = Flow::new(f);
    let native = o.native.filter(|n| entries::has_native(f, t, n));
    let calls_itself = |b: &Block| f.block(*b).insts.iter().any(|&i| matches!(f.inst(i).op, Op::CallSelf));
    let is_body = native.is_some() || flow.order.iter().any(calls_itself);

    let mut ctx = Context::new();
    let mut builder_ctx = FunctionBuilderContext::new();
    let mut image = Image::default();
    let signature = if is_body { body_signature(f) } else { entry_signature() };
    ctx.func = clif::Function::with_name_signature(UserFuncName::User(BODY), signature);
    let b = FunctionBuilder::new(&mut ctx.func, &mut builder_ctx);
    let mut cx = Cx::new(f, &flow, t, o, b, has_fma);
    if is_body {
        cx.shape = Shape::Body(import_body(cx.b.func, f));
    }
    cx.function()?;
    let (exits, states) = cx.take_exits()?;
    let thunks = std::mem::take(&mut cx.thunks);
    cx.b.finalize(isa.frontend_config());
    let mut entry = image.append(&mut ctx, isa, o, &thunks)?;

    // A function of its own in front of the body.
    let mut in_front = |signature: Signature, lower: &dyn Fn(&mut Cx<'_, '_>) -> Result<(), String>| {
        ctx.clear();
        ctx.func = clif::Function::with_name_signature(UserFuncName::user(0, 0), signature);
        let b = FunctionBuilder::new(&mut ctx.func, &mut builder_ctx);
        let mut cx = Cx::new(f, &flow, t, o, b, has_fma);
        cx.shape = Shape::Body(import_body(cx.b.func, f));
        lower(&mut cx)?;
        let thunks = std::mem::take(&mut cx.thunks);
        cx.b.finalize(isa.frontend_config());
        image.append(&mut ctx, isa, o, &thunks)
    };
    if is_body {
        entry = in_front(entry_signature(), &|cx| {
            cx.entry_from_words();
            Ok(())
        })?;
    }
    let native = match native {
        Some(n) => Some(in_front(entries::native_signature(), &|cx| cx.native_entry(&n))?),
        None => None,
    };
    Ok(Compiled {
        code: image.code,
        align: ALIGN,
        entry,
        native,
        exits,
        states,
        insts: image.insts,
        clif: image.clif,
        asm: image.asm,
    })
}
