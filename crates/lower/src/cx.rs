//! The state of one lowering, and what the op families share: values, memory, calls, slow paths.

use crate::api::{LowerOptions, Target, ctx};
use crate::exits::Exits;
use crate::flow::Flow;
use crate::thunks::Thunks;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self as clif, AbiParam, AliasRegionData, BlockArg, InstBuilder, MemFlagsData, Signature, types};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::{FuncInstBuilder, FunctionBuilder, Variable};
use whipsnake_hir::ir::{Block, Def, Function, InstData, Value};
use whipsnake_hir::maps::HashMap;
use whipsnake_hir::ops::Op;
use whipsnake_hir::types::{Repr, Ty};

pub(crate) type CVal = clif::Value;
pub(crate) type CBlock = clif::Block;
/// Larger constant indices are computed: their offsets might not fit an instruction.
const LARGEST_CONSTANT_INDEX: i64 = 1 << 24;

pub(crate) type Fallible<T> = Result<T, String>;

/// Memory flags per alias class. Classes are disjoint; calls fence them all.
pub(crate) struct Mem {
    /// The `Ctx`.
    pub ctx: MemFlagsData,
    /// The thread state.
    pub tstate: MemFlagsData,
    pub refcnt: MemFlagsData,
    /// Fields that never change while an object lives: type, length and data of immutable objects.
    pub fixed: MemFlagsData,
    /// Values of floats and digits of ints: fixed as well, except that a box may be reused.
    pub boxed: MemFlagsData,
    pub list_shape: MemFlagsData,
    pub list_items: MemFlagsData,
    pub cell: MemFlagsData,
    /// Attributes of instances.
    pub attr: MemFlagsData,
    pub func: MemFlagsData,
    pub dict_keys: MemFlagsData,
    pub global: MemFlagsData,
    /// Fields of types that change.
    pub types: MemFlagsData,
    pub buffer: MemFlagsData,
    pub buffer_shape: MemFlagsData,
    /// Stack slots of the compiled function.
    pub stack: MemFlagsData,
    /// The version's valid flag.
    pub valid: MemFlagsData,
    pub spares: MemFlagsData,
}

impl Mem {
    fn new(func: &mut clif::Function) -> Mem {
        let mut next = 0;
        let mut region = |description: &'static str| {
            let r = func.dfg.alias_regions.push(AliasRegionData {
                user_id: next,
                description: description.into(),
            });
            next += 1;
            MemFlagsData::trusted().with_alias_region(Some(r))
        };
        Mem {
            ctx: region("ctx"),
            tstate: region("thread state"),
            refcnt: region("reference counts"),
            fixed: region("immutable fields"),
            boxed: region("boxed numbers"),
            list_shape: region("list shapes"),
            list_items: region("list items"),
            cell: region("cells"),
            dict_keys: region("dict keys"),
            global: region("globals"),
            attr: region("attributes"),
            func: region("functions"),
            types: region("types"),
            buffer: region("buffers"),
            buffer_shape: region("buffer shapes"),
            stack: region("stack slots"),
            valid: region("valid flag"),
            spares: region("spare boxes"),
        }
    }
}

/// A stack slot that grows to the largest size asked for.
struct Scratch {
    slot: Option<clif::StackSlot>,
    words: u32,
}

impl Scratch {
    const fn new() -> Scratch {
        Scratch { slot: None, words: 0 }
    }
    fn get(&mut self, func: &mut clif::Function, words: u32) -> clif::StackSlot {
        self.words = self.words.max(words.max(1));
        let size = self.words * 8;
        let slot = *self
            .slot
            .get_or_insert_with(|| func.create_sized_stack_slot(clif::StackSlotData::new(clif::StackSlotKind::ExplicitSlot, size, 3)));
        func.sized_stack_slots[slot].size = size;
        slot
    }
}

/// What stands for an HIR value.
#[derive(Clone, Copy)]
enum Home {
    None,
    Value(CVal),
    /// It has more than one definition: see [`Flow`].
    Variable(Variable),
}

/// How the function being lowered is called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `fn(ctx) -> status`; parameters and result are in the `Ctx`.
    Entry,
    /// `fn(ctx, parameters) -> (status, value)`, called by itself as this reference.
    Body(clif::FuncRef),
}

/// One function being lowered.
pub(crate) struct Cx<'a, 'b> {
    pub f: &'a Function,
    pub t: &'a Target,
    pub o: &'a LowerOptions,
    pub b: FunctionBuilder<'b>,
    /// The `Ctx*`.
    pub ctx: CVal,
    pub shape: Shape,
    /// The processor has fused multiply-add.
    pub has_fma: bool,
    pub mem: Mem,
    pub exits: Exits,
    /// What is lowered now is rarely executed: new blocks are laid out behind the rest.
    pub cold: bool,
    pub flow: &'a Flow,
    /// The HIR block being lowered (where a header is copied, the latch).
    pub current: Block,
    pub thunks: Thunks,
    values: Vec<Home>,
    blocks: Vec<Option<CBlock>>,
    sigs: HashMap<Signature, clif::SigRef>,
    state_buf: Scratch,
    arg_buf: Scratch,
    result_buf: Scratch,
}

impl<'a, 'b> Cx<'a, 'b> {
    pub fn new(f: &'a Function, flow: &'a Flow, t: &'a Target, o: &'a LowerOptions, b: FunctionBuilder<'b>, has_fma: bool) -> Self {
        let mem = Mem::new(b.func);
        Cx {
            f,
            t,
            o,
            b,
            ctx: CVal::from_u32(0),
            shape: Shape::Entry,
            has_fma,
            mem,
            exits: Exits::new(f),
            cold: false,
            flow,
            current: f.entry,
            thunks: Thunks::default(),
            values: vec![Home::None; f.values.len()],
            blocks: vec![None; f.blocks.len()],
            sigs: HashMap::default(),
            state_buf: Scratch::new(),
            arg_buf: Scratch::new(),
            result_buf: Scratch::new(),
        }
    }

    // ---- values

    /// The Cranelift type of a representation.
    pub fn ty(repr: Repr) -> clif::Type {
        match repr {
            Repr::Obj | Repr::Int => types::I64,
            Repr::Float => types::F64,
            Repr::Bool => types::I8,
        }
    }

    /// The value, in a register. Constants but floats are made where they are used.
    pub fn val(&mut self, v: Value) -> CVal {
        match self.f.const_op(v) {
            Some(Op::ConstInt { v }) => return self.iconst(v),
            Some(Op::ConstBool { v }) => return self.b.ins().iconst(types::I8, i64::from(v)),
            Some(Op::ConstObj { obj }) => return self.addr(self.f.objs[obj.0 as usize].ptr),
            Some(Op::ConstNull) => return self.iconst(0),
            _ => {}
        }
        match self.values[v.index()] {
            Home::Value(c) => c,
            Home::Variable(var) => self.b.use_var(var),
            Home::None => match self.f.value(v).def {
                Def::Inst(i) if self.flow.is_deferred(v) => self.compute(self.f.inst(i)),
                _ => unreachable!("{v} is lowered after its uses"),
            },
        }
    }

    /// As [`Cx::val`], as the right operand of a float instruction, which may be a constant in memory.
    pub fn right(&mut self, v: Value) -> CVal {
        match self.f.const_op(v) {
            Some(Op::ConstFloat { bits }) => self.f64const(f64::from_bits(bits)),
            _ => self.val(v),
        }
    }

    pub fn set(&mut self, v: Value, c: CVal) {
        if !self.flow.is_variable(v) {
            self.values[v.index()] = Home::Value(c);
            return;
        }
        let var = match self.values[v.index()] {
            Home::Variable(var) => var,
            _ => {
                let var = self.b.declare_var(Self::ty(self.f.repr(v)));
                self.values[v.index()] = Home::Variable(var);
                var
            }
        };
        self.b.def_var(var, c);
    }

    /// The n-th operand.
    pub fn arg(&mut self, inst: &InstData, n: usize) -> CVal {
        self.val(inst.args[n])
    }

    /// The n-th operand, if it is an int constant.
    pub fn const_arg(&self, inst: &InstData, n: usize) -> Option<i64> {
        self.f.const_int(inst.args[n])
    }

    /// The n-th operand, if it is a float constant.
    pub fn const_float_arg(&self, inst: &InstData, n: usize) -> Option<f64> {
        match self.f.const_op(inst.args[n]) {
            Some(Op::ConstFloat { bits }) => Some(f64::from_bits(bits)),
            _ => None,
        }
    }

    pub fn iconst(&mut self, v: i64) -> CVal {
        self.b.ins().iconst(types::I64, v)
    }

    pub fn addr(&mut self, a: u64) -> CVal {
        self.b.ins().iconst(types::I64, a.cast_signed())
    }

    pub fn f64const(&mut self, v: f64) -> CVal {
        self.b.ins().f64const(v)
    }

    /// The address of a type object.
    pub fn type_addr(&self, ty: Ty) -> Fallible<u64> {
        match self.t.types[ty as usize] {
            0 => Err(format!("the address of type {ty} is not known")),
            a => Ok(a),
        }
    }

    // ---- blocks

    /// The Cranelift block of an HIR block.
    pub fn block(&mut self, b: Block) -> CBlock {
        if let Some(c) = self.blocks[b.index()] {
            return c;
        }
        let c = self.b.create_block();
        self.blocks[b.index()] = Some(c);
        for &p in &self.f.block(b).params {
            self.b.append_block_param(c, Self::ty(self.f.repr(p)));
        }
        if self.f.block(b).cold {
            self.b.set_cold_block(c);
        }
        c
    }

    pub fn new_block(&mut self) -> CBlock {
        let c = self.b.create_block();
        if self.cold {
            self.b.set_cold_block(c);
        }
        c
    }

    pub fn cold_block(&mut self) -> CBlock {
        let c = self.b.create_block();
        self.b.set_cold_block(c);
        c
    }

    /// A block with one parameter, for results that come from two sides.
    pub fn join_block(&mut self, ty: clif::Type) -> (CBlock, CVal) {
        let c = self.new_block();
        let v = self.b.append_block_param(c, ty);
        (c, v)
    }

    pub fn jump(&mut self, to: CBlock, args: &[CVal]) {
        let args: Vec<BlockArg> = args.iter().map(|&a| a.into()).collect();
        self.b.ins().jump(to, &args);
    }

    pub fn brif(&mut self, cond: CVal, then: CBlock, then_args: &[CVal], els: CBlock, else_args: &[CVal]) {
        let t: Vec<BlockArg> = then_args.iter().map(|&a| a.into()).collect();
        let e: Vec<BlockArg> = else_args.iter().map(|&a| a.into()).collect();
        self.b.ins().brif(cond, then, &t, els, &e);
    }

    /// Whether what is lowered now is worth code for more than the likeliest case. All code is paid for when it is compiled.
    pub fn is_hot(&self) -> bool {
        !self.cold && !self.f.block(self.current).cold && self.flow.is_in_loop(self.current)
    }

    /// Branches away when the condition holds; goes on in a new block otherwise.
    pub fn leave_if(&mut self, cond: CVal, to: CBlock) {
        let go_on = self.new_block();
        self.brif(cond, to, &[], go_on, &[]);
        self.at(go_on);
        self.b.seal_block(go_on);
    }

    /// Branches away unless the condition holds.
    pub fn leave_unless(&mut self, cond: CVal, to: CBlock) {
        let go_on = self.new_block();
        self.brif(cond, go_on, &[], to, &[]);
        self.at(go_on);
        self.b.seal_block(go_on);
    }

    pub fn at(&mut self, block: CBlock) {
        self.b.switch_to_block(block);
    }

    // ---- small arithmetic

    pub fn icmp(&mut self, cc: IntCC, a: CVal, b: CVal) -> CVal {
        self.b.ins().icmp(cc, a, b)
    }

    pub fn icmp_imm(&mut self, cc: IntCC, a: CVal, v: i64) -> CVal {
        self.b.ins().icmp_imm_s(cc, a, v)
    }

    /// A two-operand op that is one Cranelift instruction.
    pub fn binary(&mut self, inst: &InstData, op: impl FnOnce(FuncInstBuilder<'_, 'b>, CVal, CVal) -> CVal) -> CVal {
        let (x, y) = (self.arg(inst, 0), self.arg(inst, 1));
        op(self.b.ins(), x, y)
    }

    /// A one-operand op that is one Cranelift instruction.
    pub fn unary(&mut self, inst: &InstData, op: impl FnOnce(FuncInstBuilder<'_, 'b>, CVal) -> CVal) -> CVal {
        let x = self.arg(inst, 0);
        op(self.b.ins(), x)
    }

    // ---- memory

    pub fn load(&mut self, ty: clif::Type, flags: MemFlagsData, p: CVal, offset: usize) -> CVal {
        self.b.ins().load(ty, flags, p, offset as i32)
    }

    /// A word of the operand object itself.
    pub fn field(&mut self, inst: &InstData, flags: MemFlagsData, offset: usize) -> CVal {
        let p = self.arg(inst, 0);
        self.load(types::I64, flags, p, offset)
    }

    pub fn store(&mut self, flags: MemFlagsData, v: CVal, p: CVal, offset: usize) {
        self.b.ins().store(flags, v, p, offset as i32);
    }

    /// Address `base + index * 2**scale`.
    pub fn element(&mut self, base: CVal, index: CVal, scale: u8) -> CVal {
        let off = match scale {
            0 => index,
            s => self.b.ins().ishl_imm_u(index, i64::from(s)),
        };
        self.b.ins().iadd(base, off)
    }

    /// The address of an item, as a base and an offset from it: the index, an operand, may be a constant, also behind its check.
    pub fn item_at(&mut self, base: CVal, offset: usize, index: Value, scale: u8) -> (CVal, usize) {
        let mut plain = index;
        if let Def::Inst(i) = self.f.value(index).def
            && let inst = self.f.inst(i)
            && matches!(inst.op, Op::IndexPos | Op::Index)
        {
            plain = inst.args[0];
        }
        match self.f.const_int(plain) {
            Some(n) if (0..LARGEST_CONSTANT_INDEX).contains(&n) => (base, offset + ((n as usize) << scale)),
            _ => {
                let n = self.val(index);
                (self.element(base, n, scale), offset)
            }
        }
    }

    /// Where a container's items are: the operand that says so, if the op has it, else this field of the object.
    pub fn items_of(&mut self, inst: &InstData, flags: MemFlagsData, offset: usize) -> CVal {
        let (_, n) = inst.op.items().expect("an op that looks into a container");
        match inst.args.get(n) {
            Some(&p) => self.val(p),
            None => self.field(inst, flags, offset),
        }
    }

    pub fn word_offset(index: u16) -> i32 {
        ctx::WORDS + 8 * i32::from(index)
    }

    /// Reads a word as a value of this representation.
    pub fn load_word(&mut self, repr: Repr, index: u16) -> CVal {
        let (flags, p) = (self.mem.ctx, self.ctx);
        self.b.ins().load(Self::ty(repr), flags, p, Self::word_offset(index))
    }

    /// Writes a value of any representation into the 8 bytes at an address.
    pub fn store_wide(&mut self, flags: MemFlagsData, v: CVal, p: CVal, offset: i32) {
        let v = if self.b.func.dfg.value_type(v) == types::I8 {
            self.b.ins().uextend(types::I64, v)
        } else {
            v
        };
        self.b.ins().store(flags, v, p, offset);
    }

    /// The address of a buffer on the stack for a state's values.
    pub fn state_buffer(&mut self, words: usize) -> CVal {
        let slot = self.state_buf.get(self.b.func, (ctx::HEADER_WORDS + words) as u32);
        self.b.ins().stack_addr(types::I64, slot, 8 * ctx::HEADER_WORDS as i32)
    }

    /// The address of the record of a call, in front of a state's values.
    pub fn call_record(&mut self) -> CVal {
        let slot = self.state_buf.get(self.b.func, 0);
        self.b.ins().stack_addr(types::I64, slot, 0)
    }

    /// The address of a buffer on the stack for arguments and results of helpers.
    pub fn arg_buffer(&mut self, words: u32) -> CVal {
        let slot = self.arg_buf.get(self.b.func, words);
        self.b.ins().stack_addr(types::I64, slot, 0)
    }

    /// The address of a word on the stack for the result of a thunk.
    fn result_buffer(&mut self) -> CVal {
        let slot = self.result_buf.get(self.b.func, 1);
        self.b.ins().stack_addr(types::I64, slot, 0)
    }

    // ---- calls

    fn c_signature(&self, args: &[CVal], ret: Option<clif::Type>) -> Signature {
        let mut sig = Signature::new(CallConv::SystemV);
        for &a in args {
            let ty = self.b.func.dfg.value_type(a);
            let param = AbiParam::new(ty);
            sig.params.push(if ty == types::I8 { param.uext() } else { param });
        }
        sig.returns.extend(ret.map(AbiParam::new));
        sig
    }

    /// Calls a C function at an absolute address.
    pub fn call(&mut self, addr: u64, args: &[CVal], ret: Option<clif::Type>) -> Option<CVal> {
        let sig = self.c_signature(args, ret);
        let sig = match self.sigs.get(&sig) {
            Some(&s) => s,
            None => {
                let s = self.b.import_signature(sig.clone());
                self.sigs.insert(sig, s);
                s
            }
        };
        let callee = self.addr(addr);
        let call = self.b.ins().call_indirect(sig, callee, args);
        ret.map(|_| self.b.inst_results(call)[0])
    }

    /// As [`Cx::call`], from a cold block that rejoins the likely path: see [`Flow`] on quiet blocks.
    pub fn cold_call(&mut self, addr: u64, args: &[CVal], ret: Option<clif::Type>) -> Option<CVal> {
        if !self.flow.is_quiet(self.current) {
            return self.call(addr, args, ret);
        }
        let sig = self.c_signature(args, ret);
        let thunk = self.thunks.get(self.b.func, &sig);
        let mut all = vec![self.addr(addr)];
        all.extend(args);
        let out = ret.map(|ty| (ty, self.result_buffer()));
        all.extend(out.map(|(_, p)| p));
        self.b.ins().call(thunk, &all);
        out.map(|(ty, p)| self.load(ty, self.mem.stack, p, 0))
    }

    /// As [`Cx::call_value`], in the manner of [`Cx::cold_call`].
    pub fn cold_call_value(&mut self, addr: u64, args: &[CVal], ret: clif::Type) -> CVal {
        self.cold_call(addr, args, Some(ret)).expect("a result type was given")
    }

    /// As [`Cx::call`], for a function with a result.
    pub fn call_value(&mut self, addr: u64, args: &[CVal], ret: clif::Type) -> CVal {
        self.call(addr, args, Some(ret)).expect("a result type was given")
    }
}
