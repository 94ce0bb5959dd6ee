//! Thunks that call a C function and preserve every register.
//!
//! A thunk takes the function's address, its arguments, and, when there is a result, an address to store it at (its calling
//! convention has no results). There is one a signature; its code is the same everywhere, so it is compiled once a
//! process and copied behind the code that uses it.

use crate::code::isa;
use cranelift_codegen::Context;
use cranelift_codegen::ir::{self as clif, AbiParam, InstBuilder, MemFlagsData, Signature, UserExternalName, UserFuncName, types};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use std::sync::{Arc, Mutex, PoisonError};
use whipsnake_hir::maps::HashMap;

/// Cranelift's name space for thunks.
const NAMESPACE: u32 = 1;

/// The thunks that one function uses.
#[derive(Default)]
pub(crate) struct Thunks {
    /// Signatures of the C functions.
    used: Vec<Signature>,
    refs: HashMap<Signature, clif::FuncRef>,
}

fn thunk_signature(callee: &Signature) -> Signature {
    let mut sig = Signature::new(CallConv::PreserveAll);
    sig.params.push(AbiParam::new(types::I64));
    sig.params.extend(callee.params.iter().cloned());
    if !callee.returns.is_empty() {
        sig.params.push(AbiParam::new(types::I64));
    }
    sig
}

impl Thunks {
    /// The thunk for functions of this signature.
    pub fn get(&mut self, func: &mut clif::Function, callee: &Signature) -> clif::FuncRef {
        if let Some(&r) = self.refs.get(callee) {
            return r;
        }
        let name = func.declare_imported_user_function(UserExternalName {
            namespace: NAMESPACE,
            index: self.used.len() as u32,
        });
        let signature = func.import_signature(thunk_signature(callee));
        let r = func.import_function(clif::ExtFuncData {
            name: clif::ExternalName::user(name),
            signature,
            colocated: true,
            patchable: false,
        });
        self.used.push(callee.clone());
        self.refs.insert(callee.clone(), r);
        r
    }

    /// The code of the thunk that a name stands for.
    pub fn code(&self, name: &UserExternalName) -> Option<Result<Arc<[u8]>, String>> {
        (name.namespace == NAMESPACE).then(|| code(&self.used[name.index as usize]))
    }
}

fn code(callee: &Signature) -> Result<Arc<[u8]>, String> {
    static CODE: Mutex<Option<HashMap<Signature, Arc<[u8]>>>> = Mutex::new(None);
    let mut all = CODE.lock().unwrap_or_else(PoisonError::into_inner);
    let all = all.get_or_insert_default();
    if let Some(c) = all.get(callee) {
        return Ok(c.clone());
    }
    let c: Arc<[u8]> = compile(callee)?.into();
    all.insert(callee.clone(), c.clone());
    Ok(c)
}

fn compile(callee: &Signature) -> Result<Vec<u8>, String> {
    let isa = isa(false)?;
    let mut ctx = Context::new();
    let mut builder_ctx = FunctionBuilderContext::new();
    ctx.func = clif::Function::with_name_signature(UserFuncName::user(NAMESPACE, 0), thunk_signature(callee));
    let mut b = FunctionBuilder::new(&mut ctx.func, &mut builder_ctx);
    let start = b.create_block();
    b.append_block_params_for_function_params(start);
    b.switch_to_block(start);
    let params = b.block_params(start).to_vec();
    let sig = b.import_signature(callee.clone());
    let call = b.ins().call_indirect(sig, params[0], &params[1..=callee.params.len()]);
    if let Some(&r) = b.inst_results(call).first() {
        let out = params[callee.params.len() + 1];
        b.ins().store(MemFlagsData::trusted(), r, out, 0);
    }
    b.ins().return_(&[]);
    b.seal_all_blocks();
    b.finalize(isa.frontend_config());
    ctx.compile(isa, &mut Default::default()).map_err(|e| format!("{e:?}"))?;
    let done = ctx.take_compiled_code().expect("compilation has succeeded");
    if !done.buffer.relocs().is_empty() {
        return Err("a thunk has relocations".to_string());
    }
    Ok(done.code_buffer().to_vec())
}
