//! What live values look like: types, what containers hold, and iterators that entering can take apart.

use crate::capture::{Cx, tuple_items, ty_of};
use crate::entry::wide_value;
use crate::functions::is_nested;
use crate::gil::read;
use crate::invalidate::Assumption;
use crate::known;
use pyo3::ffi::{self, PyObject};
use std::ffi::c_int;
use whipsnake_abi::layout as abi;
use whipsnake_hir::ir::Kind;
use whipsnake_hir::snapshot::{Const, Desc, Shape, Size, StackShape, add_classes};
use whipsnake_hir::types::Ty;

/// How deep live containers are followed.
pub const DEPTH: u32 = 3;
/// Items looked at in a live container, before the last one.
const SAMPLE: usize = 8;
/// Containers of no more items than this may have a meaning for each.
const MOST_FIELDS: usize = SAMPLE;
/// Iterators that a `zip` may go through in step to be taken apart: each costs code at every step (`zip(*rows)` may have any number).
const ZIPPED: usize = 16;

/// How an exact int can be held.
unsafe fn size_of(o: *mut PyObject) -> Size {
    // SAFETY: the caller's promise.
    match unsafe { wide_value(o) } {
        Some(v) if i64::try_from(v).is_ok() => Size::Int,
        Some(v) if u64::try_from(v).is_ok() => Size::Word,
        Some(_) => Size::Wide,
        None => Size::Huge,
    }
}

impl Cx {
    /// What a live value looks like.
    ///
    /// # Safety
    /// The GIL is held; a live object.
    pub unsafe fn shape(&mut self, o: *mut PyObject, depth: u32) -> Shape {
        // SAFETY: a live object; each arm looks at fields of the exact type it has checked.
        unsafe {
            let ty = ty_of(o);
            let mut s = Shape::of(ty);
            match ty {
                Ty::Int => s.size = size_of(o),
                Ty::Any if ffi::PyType_Check(o) == 0 => {
                    add_classes(&mut s.classes, &[self.class(ffi::Py_TYPE(o), 0)]);
                    let n = if ffi::PyTuple_Check(o) != 0 { ffi::Py_SIZE(o) as usize } else { 0 };
                    if depth > 0 && n <= MOST_FIELDS {
                        s.fields = (0..n)
                            .map(|i| self.shape(ffi::PyTuple_GET_ITEM(o, i as isize), depth - 1))
                            .collect();
                    }
                }
                Ty::List | Ty::Tuple if depth > 0 => {
                    let n = ffi::Py_SIZE(o) as usize;
                    let items: *const *mut PyObject = if ty == Ty::List {
                        read(o, abi::list::ITEMS)
                    } else {
                        o.cast::<u8>().add(abi::tuple::ITEMS).cast()
                    };
                    let indices = (0..n.min(SAMPLE)).chain((n > SAMPLE).then_some(n.wrapping_sub(1)));
                    let mut common: Option<Shape> = None;
                    let mut fields = Vec::new();
                    for i in indices {
                        let item = *items.add(i);
                        if item.is_null() {
                            continue;
                        }
                        let item = self.shape(item, depth - 1);
                        if n <= MOST_FIELDS {
                            fields.push(item.clone());
                        }
                        common = Some(match common {
                            None => item,
                            Some(c) => join(c, item),
                        });
                    }
                    // Lists and tuples look alike however different what they hold is.
                    let alike = |t: Ty| !matches!(t, Ty::Any | Ty::List | Ty::Tuple);
                    if fields.len() == n && !common.as_ref().is_some_and(|c| alike(c.ty)) {
                        s.fields = fields;
                    }
                    s.item = common.map(Box::new);
                }
                Ty::Cell if depth > 0 => {
                    let content: *mut PyObject = read(o, abi::cell::REF);
                    if !content.is_null() {
                        s.item = Some(Box::new(self.shape(content, depth - 1)));
                    }
                }
                Ty::Array => {
                    let descr: *const u8 = read(o, abi::array::DESCR);
                    s.typecode = Some(char::from(read::<u8>(descr, abi::array_descr::TYPECODE)));
                }
                Ty::Func if is_nested(o) => {
                    let ptr = o as u64;
                    s.func = self.one_of_many(o, 0).map(|info| {
                        let desc = Desc::Func(info);
                        Box::new(Const { ptr, desc })
                    });
                }
                Ty::Func => {
                    // Its address is known to mean this function for as long as the assumption holds.
                    self.assumptions.push(Assumption::Func(o));
                    s.ptr = o as u64;
                    let known = self.describe(o, 0, &[], 0);
                    s.func = matches!(known.desc, Desc::Func(_)).then(|| Box::new(known));
                }
                _ if depth > 0 && ffi::PyType_Check(o) != 0 && known::intrinsic(o).is_none() && self.lasts(o.cast(), 0) => s.ptr = o as u64,
                Ty::Builtin | Ty::Type if known::intrinsic(o).is_some() => s.ptr = o as u64,
                _ => {}
            }
            s
        }
    }

    /// What an operand looks like (null: the NULL that CPython pushes). `exact`: ranges are taken to keep their steps.
    ///
    /// # Safety
    /// The GIL is held; a live object or null.
    pub unsafe fn stack_shape(&mut self, o: *mut PyObject, exact: bool) -> StackShape {
        if o.is_null() {
            return StackShape::Null;
        }
        // SAFETY: a live object.
        unsafe {
            match self.iterator(o, exact) {
                Some((kind, over)) => StackShape::Iter(kind, over),
                None => StackShape::Value(self.shape(o, DEPTH)),
            }
        }
    }

    /// The kind of an iterator that nobody else refers to and that entering may therefore take apart.
    unsafe fn iterator(&mut self, o: *mut PyObject, exact: bool) -> Option<(Kind, Option<Shape>)> {
        // SAFETY: a live object; fields are those of the exact type, `null` sequences mean exhausted iterators.
        unsafe {
            if ffi::Py_REFCNT(o) != 1 {
                return None;
            }
            let over = |cx: &mut Cx, offset: usize, want: Ty, kind: fn(Box<Kind>) -> Kind| {
                let seq: *mut PyObject = read(o, offset);
                if seq.is_null() || ty_of(seq) != want {
                    return None;
                }
                Some((kind(Box::new(Kind::Obj(want))), Some(cx.shape(seq, DEPTH))))
            };
            use known::IterType;
            match known::iter_type(o)? {
                IterType::Range => {
                    let step: i64 = read(o, abi::range_iter::STEP);
                    // Others may well be computed by the program.
                    let kind = match step {
                        -2..=2 if exact => Kind::RangeBy(step),
                        1.. => Kind::RangeUp,
                        _ => Kind::RangeIter,
                    };
                    Some((kind, None))
                }
                IterType::List => over(self, abi::seq_iter::SEQ, Ty::List, Kind::ListIter),
                IterType::ListReversed => over(self, abi::seq_iter::SEQ, Ty::List, Kind::ListRevIter),
                IterType::Tuple => over(self, abi::seq_iter::SEQ, Ty::Tuple, Kind::TupleIter),
                IterType::Str => over(self, abi::str_iter::SEQ, Ty::Str, Kind::StrIter),
                IterType::Bytes => over(self, abi::seq_iter::SEQ, Ty::Bytes, Kind::StrIter),
                IterType::Bytearray => over(self, abi::seq_iter::SEQ, Ty::Bytearray, Kind::StrIter),
                IterType::Array => over(self, abi::seq_iter::SEQ, Ty::Array, Kind::StrIter).filter(|(_, array)| {
                    let code = array.as_ref().and_then(|s| s.typecode);
                    code.is_some_and(|c| !matches!(c, 'u' | 'w'))
                }),
                IterType::Enumerate => {
                    let inner: *mut PyObject = read(o, abi::enumerate::INNER);
                    let long: *mut PyObject = read(o, abi::enumerate::LONG_INDEX);
                    if inner.is_null() || !long.is_null() {
                        return None;
                    }
                    let (kind, shape) = self.iterator(inner, exact)?;
                    Some((Kind::Enumerate(Box::new(kind)), shape))
                }
                IterType::Zip => {
                    let inner: *mut PyObject = read(o, abi::zip::INNER);
                    let many = inner.is_null() || ffi::PyTuple_GET_SIZE(inner) as usize > ZIPPED;
                    if many || read::<c_int>(o, abi::zip::STRICT) != 0 {
                        return None;
                    }
                    let mut kinds = Vec::new();
                    for i in tuple_items(inner) {
                        let (kind, over) = self.iterator(i, exact)?;
                        // What the items of an array are would have to be known of each.
                        if over.is_some_and(|s| s.ty == Ty::Array) {
                            return None;
                        }
                        kinds.push(kind);
                    }
                    Some((Kind::Zip(kinds), None))
                }
            }
        }
    }
}

/// What two items have in common.
pub fn join(a: Shape, b: Shape) -> Shape {
    if a.ty != b.ty {
        let number = |s: &Shape| s.real || matches!(s.ty, Ty::Int | Ty::Float);
        return Shape {
            real: number(&a) && number(&b),
            ..Shape::of(Ty::Any)
        };
    }
    Shape {
        ty: a.ty,
        real: a.real && b.real,
        item: match (a.item, b.item) {
            (Some(x), Some(y)) => Some(Box::new(join(*x, *y))),
            (x, y) => x.or(y),
        },
        fields: if a.fields.len() == b.fields.len() {
            a.fields.into_iter().zip(b.fields).map(|(x, y)| join(x, y)).collect()
        } else {
            Vec::new()
        },
        typecode: if a.typecode == b.typecode { a.typecode } else { None },
        size: a.size.max(b.size),
        classes: {
            let mut all = a.classes;
            add_classes(&mut all, &b.classes);
            all
        },
        ptr: if a.ptr == b.ptr { a.ptr } else { 0 },
        func: if a.ptr == b.ptr { a.func } else { None },
    }
}
