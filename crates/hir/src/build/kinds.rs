//! The kinds of slots and of whole environments, by which merge points are told apart, and what two kinds have in common.

use crate::maps::{HashMap, HashSet};
use crate::ops::{AttrAt, ObjId};
use crate::snapshot::CodeId;
use crate::types::Ty;

/// More than the places in one slot that name instances: what numbers leave room for.
const NESTED: usize = 1 << 12;

/// The kind of a slot at a merge point.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum K {
    Null,
    Int,
    Float,
    Bool,
    Obj {
        ty: Ty,
        owned: bool,
    },
    /// An owned object or null.
    Maybe,
    Const(ObjId),
    Tuple(Vec<K>),
    List(Vec<K>),
    Zip(Vec<K>),
    Range,
    RangeIter,
    /// A range iterator with this step, or a positive one.
    RangeBy(Option<i64>),
    ListIter(Box<K>),
    TupleIter(Box<K>),
    /// An iterator over a tuple of this length, at this index, whose loop is laid out.
    TupleAt {
        tuple: Box<K>,
        len: usize,
        index: i64,
    },
    /// An iterator over a range whose loop is laid out.
    RangeAt {
        next: i64,
        stop: i64,
        step: i64,
    },
    StrIter(Box<K>),
    ListRevIter(Box<K>),
    Enumerate(Box<K>),
    /// A one-character str as its code point.
    Chr,
    Complex,
    /// An int from 0 up to 2**64.
    Word,
    /// An int of up to 128 bits.
    Wide,
    Func(Box<FuncKind>),
    Gen(Box<GenKind>),
    Inst(Box<InstKind>),
}

/// The kind of a function taken apart.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct FuncKind {
    pub code: ObjId,
    pub globals: ObjId,
    pub closure: Vec<K>,
    pub defaults: Vec<K>,
}

/// The kind of a generator taken apart.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct GenKind {
    pub func: K,
    pub code: CodeId,
    pub bci: u32,
    pub locals: Vec<K>,
    pub stack: Vec<K>,
}

/// The kind of an instance taken apart; see [`EnvKind::number`].
#[derive(Clone, PartialEq, Debug)]
pub(super) struct InstKind {
    pub id: u32,
    pub class: ObjId,
    pub fields: Vec<(AttrAt, K)>,
}

/// Kinds of a whole environment.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct EnvKind(pub Vec<FrameKind>);

#[derive(Clone, PartialEq, Debug)]
pub(super) struct FrameKind {
    pub inline: u32,
    pub bci: u32,
    pub func: K,
    pub locals: Vec<K>,
    pub stack: Vec<K>,
}

impl K {
    /// The kind both fit into, if there is one that slots can be converted to in place. With `box_ints`, ints have turned out too large to be unboxed
    /// here.
    fn join(&self, other: &K, box_ints: bool) -> Option<K> {
        use K::*;
        if self == other {
            return Some(self.clone());
        }
        match (self, other) {
            (Obj { ty, owned }, Obj { ty: t2, owned: o2 }) => Some(Obj {
                ty: ty.join(*t2),
                owned: *owned || *o2,
            }),
            (Int | Word | Wide, Obj { ty: Ty::Int, .. }) | (Obj { ty: Ty::Int, .. }, Int | Word | Wide) if box_ints => {
                Some(Obj { ty: Ty::Int, owned: true })
            }
            (Int, Obj { ty: Ty::Int, .. }) | (Obj { ty: Ty::Int, .. }, Int) => Some(Int),
            (Int | Word | Wide, Int | Word | Wide) => Some(Wide),
            (Word | Wide, Obj { ty: Ty::Int, .. }) | (Obj { ty: Ty::Int, .. }, Word | Wide) => Some(Wide),
            (Float, Obj { ty: Ty::Float, .. }) | (Obj { ty: Ty::Float, .. }, Float) => Some(Float),
            (Bool, Obj { ty: Ty::Bool, .. }) | (Obj { ty: Ty::Bool, .. }, Bool) => Some(Bool),
            (Complex, Obj { ty: Ty::Complex, .. }) | (Obj { ty: Ty::Complex, .. }, Complex) => Some(Complex),
            (Maybe | Null, b) if b.boxable() => Some(Maybe),
            (a, Maybe | Null) if a.boxable() => Some(Maybe),
            (Inst(a), Inst(b)) if a.is_like(b) => {
                let fields = a.fields.iter().zip(&b.fields);
                let fields: Option<Vec<_>> = fields.map(|((at, x), (_, y))| Some((*at, x.join(y, box_ints)?))).collect();
                Some(Inst(Box::new(InstKind {
                    id: a.id,
                    class: a.class,
                    fields: fields?,
                })))
            }
            (List(_) | Obj { ty: Ty::List, .. }, List(_) | Obj { ty: Ty::List, .. }) => Some(Obj { ty: Ty::List, owned: true }),
            (a, b) if a.boxable() && b.boxable() => Some(Obj { ty: Ty::Any, owned: true }),
            (RangeBy(a), RangeBy(b)) if [a, b].into_iter().flatten().all(|step| *step > 0) => Some(RangeBy(None)),
            (ListIter(a), ListIter(b)) => Some(ListIter(Box::new(a.join(b, box_ints)?))),
            (
                TupleAt { tuple: a, len, index },
                TupleAt {
                    tuple: b,
                    len: n,
                    index: i,
                },
            ) if (len, index) == (n, i) => Some(TupleAt {
                tuple: Box::new(a.join(b, box_ints)?),
                len: *len,
                index: *index,
            }),
            (TupleIter(a), TupleIter(b)) => Some(TupleIter(Box::new(a.join(b, box_ints)?))),
            (StrIter(a), StrIter(b)) => Some(StrIter(Box::new(a.join(b, box_ints)?))),
            (ListRevIter(a), ListRevIter(b)) => Some(ListRevIter(Box::new(a.join(b, box_ints)?))),
            (Enumerate(a), Enumerate(b)) => Some(Enumerate(Box::new(a.join(b, box_ints)?))),
            (Zip(a), Zip(b)) if a.len() == b.len() => join_all(a, b, box_ints).map(Zip),
            (Gen(a), Gen(b)) if (a.code, a.bci, a.stack.len()) == (b.code, b.bci, b.stack.len()) => Some(Gen(Box::new(GenKind {
                func: a.func.join(&b.func, box_ints)?,
                code: a.code,
                bci: a.bci,
                locals: join_all(&a.locals, &b.locals, box_ints)?,
                stack: join_all(&a.stack, &b.stack, box_ints)?,
            }))),
            _ => None,
        }
    }

    /// Visits every kind within this one, and then itself.
    fn for_each(&mut self, f: &mut impl FnMut(&mut K)) {
        match self {
            K::Tuple(ks) | K::List(ks) | K::Zip(ks) => ks.iter_mut().for_each(|k| k.for_each(f)),
            K::ListIter(k) | K::TupleIter(k) | K::TupleAt { tuple: k, .. } | K::StrIter(k) | K::ListRevIter(k) | K::Enumerate(k) => {
                k.for_each(f);
            }
            K::Func(func) => func.closure.iter_mut().chain(&mut func.defaults).for_each(|k| k.for_each(f)),
            K::Gen(g) => std::iter::once(&mut g.func)
                .chain(&mut g.locals)
                .chain(&mut g.stack)
                .for_each(|k| k.for_each(f)),
            K::Inst(i) => i.fields.iter_mut().for_each(|(_, k)| k.for_each(f)),
            _ => {}
        }
        f(self);
    }

    fn boxable(&self) -> bool {
        matches!(
            self,
            K::Inst(_)
                | K::Int
                | K::Word
                | K::Wide
                | K::Float
                | K::Bool
                | K::Chr
                | K::Complex
                | K::Obj { .. }
                | K::Const(_)
                | K::Tuple(_)
                | K::List(_)
                | K::Maybe
                | K::Null
                | K::Func(_)
        )
    }
}

impl GenKind {
    /// The function, locals, then the stack.
    pub fn kinds(&self) -> impl Iterator<Item = &K> {
        std::iter::once(&self.func).chain(&self.locals).chain(&self.stack)
    }
}

impl InstKind {
    /// Whether the other one is of the same class and has got the same attributes.
    fn is_like(&self, other: &InstKind) -> bool {
        let same_places = self.fields.iter().map(|f| f.0).eq(other.fields.iter().map(|f| f.0));
        self.id == other.id && self.class == other.class && same_places
    }
}

fn join_all(a: &[K], b: &[K], box_ints: bool) -> Option<Vec<K>> {
    a.iter().zip(b).map(|(x, y)| x.join(y, box_ints)).collect()
}

impl EnvKind {
    /// The same, the spare locals unset.
    pub fn without(&self, spare: &[(usize, usize)]) -> EnvKind {
        let mut k = self.clone();
        for &(f, i) in spare {
            k.0[f].locals[i] = K::Null;
        }
        k.number();
        k
    }

    /// Whether it would be `other` but for spare locals that `other` has unset.
    pub fn fits_without(&self, other: &EnvKind, spare: &[(usize, usize)]) -> bool {
        let mut k = self.clone();
        for &(f, i) in spare {
            if other.0.get(f).and_then(|fr| fr.locals.get(i)) == Some(&K::Null) {
                k.0[f].locals[i] = K::Null;
            }
        }
        k.number();
        k == *other
    }

    /// The kind both fit into. An instance stays apart in all its places or in none.
    pub fn join(&self, other: &EnvKind, box_ints: bool) -> Option<EnvKind> {
        let (mut a, mut b) = (self.clone(), other.clone());
        loop {
            let joined = a.join_slots(&b, box_ints)?;
            let kept = joined.places();
            let lost = |k: &EnvKind| {
                k.places()
                    .into_iter()
                    .filter(|(id, n)| kept.get(id) != Some(n))
                    .map(|(id, _)| id)
                    .collect()
            };
            let lost: [HashSet<u32>; 2] = [lost(&a), lost(&b)];
            if lost.iter().all(HashSet::is_empty) {
                return Some(joined);
            }
            let lost = lost.iter().flatten().copied().collect();
            a.make(&lost);
            b.make(&lost);
        }
    }

    fn join_slots(&self, other: &EnvKind, box_ints: bool) -> Option<EnvKind> {
        let frames = self.0.iter().zip(&other.0).map(|(a, b)| {
            let same = a.inline == b.inline && a.bci == b.bci && a.stack.len() == b.stack.len();
            same.then_some(())?;
            Some(FrameKind {
                inline: a.inline,
                bci: a.bci,
                func: a.func.join(&b.func, box_ints)?,
                locals: join_all(&a.locals, &b.locals, box_ints)?,
                stack: join_all(&a.stack, &b.stack, box_ints)?,
            })
        });
        frames.collect::<Option<Vec<_>>>().map(EnvKind)
    }

    fn kinds_mut(&mut self) -> impl Iterator<Item = &mut K> {
        self.0
            .iter_mut()
            .flat_map(|f| std::iter::once(&mut f.func).chain(&mut f.locals).chain(&mut f.stack))
    }

    /// Numbers the instances by the first place that names each.
    pub fn number(&mut self) {
        let mut numbers = HashMap::default();
        for (at, k) in self.kinds_mut().enumerate() {
            let mut within = 0;
            k.for_each(&mut |k| {
                if let K::Inst(i) = k {
                    i.id = *numbers.entry(i.id).or_insert((at * NESTED + within) as u32);
                    within += 1;
                }
            });
        }
    }

    /// How many places name each instance.
    fn places(&self) -> HashMap<u32, usize> {
        let mut places = HashMap::default();
        for k in self.clone().kinds_mut() {
            k.for_each(&mut |k| {
                if let K::Inst(i) = k {
                    *places.entry(i.id).or_default() += 1;
                }
            });
        }
        places
    }

    /// Makes objects of these instances.
    fn make(&mut self, ids: &HashSet<u32>) {
        for k in self.kinds_mut() {
            k.for_each(&mut |k| {
                if let K::Inst(i) = k
                    && ids.contains(&i.id)
                {
                    *k = K::Obj { ty: Ty::Any, owned: true };
                }
            });
        }
    }
}
