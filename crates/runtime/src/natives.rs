//! Builtins that compiled code took over, finished when it leaves in the middle of one.
//!
//! A state of such a builtin has what it has gathered so far and the iterator that it consumes; the rest is done here as
//! CPython does it, through the same operations.

use crate::known;
use crate::rebuild::made;
use pyo3::ffi::{self, PyObject};
use std::ptr;
use whipsnake_hir::ir::Native;
use whipsnake_hir::snapshot::Intrinsic;

/// A builtin in the middle of its work. All references are owned.
pub struct Pending {
    pub kind: Native,
    /// As [`Native`] says; null where unset.
    pub gathered: Vec<*mut PyObject>,
    /// Null when it is known to be done.
    pub iterator: *mut PyObject,
}

/// What an iterator has come up with.
pub enum Next {
    /// An item, its reference handed over.
    Item(*mut PyObject),
    Done,
    /// An exception is set.
    Raised,
}

impl Pending {
    /// Releases everything.
    ///
    /// # Safety
    /// The GIL is held; may run Python code.
    unsafe fn close(self) {
        // SAFETY: each reference is released once. The exception on its way is kept from finalisers.
        unsafe {
            let exc = ffi::PyErr_GetRaisedException();
            for o in self.gathered {
                ffi::Py_XDECREF(o);
            }
            ffi::Py_XDECREF(self.iterator);
            ffi::PyErr_SetRaisedException(exc);
        }
    }

    unsafe fn next(&self) -> Next {
        if self.iterator.is_null() {
            return Next::Done;
        }
        // SAFETY: a live iterator.
        unsafe {
            let item = ffi::PyIter_Next(self.iterator);
            if !item.is_null() {
                Next::Item(item)
            } else if ffi::PyErr_Occurred().is_null() {
                Next::Done
            } else {
                Next::Raised
            }
        }
    }

    /// Goes on from `next` (none: ask the iterator) to the end; the builtin's result, null with an exception set.
    ///
    /// # Safety
    /// The GIL is held; may run Python code.
    pub unsafe fn finish(mut self, next: Option<Next>) -> *mut PyObject {
        // SAFETY: the contract; items and what was gathered are live objects, each reference handed over or released once.
        unsafe {
            let mut next = next.unwrap_or_else(|| self.next());
            loop {
                let ok = match next {
                    Next::Item(item) => match self.kind {
                        Native::Sum => match self.add(item) {
                            Added::Here => true,
                            Added::Failed => false,
                            Added::Object => {
                                let result = known::call(Intrinsic::Sum, &[self.iterator, self.gathered[0]]);
                                self.close();
                                return result;
                            }
                        },
                        Native::Min => self.keep(item, ffi::Py_LT),
                        Native::Max => self.keep(item, ffi::Py_GT),
                        Native::List | Native::Tuple | Native::Sorted => {
                            let ok = ffi::PyList_Append(self.gathered[0], item) == 0;
                            ffi::Py_DECREF(item);
                            ok
                        }
                    },
                    Next::Done => break,
                    Next::Raised => false,
                };
                if !ok {
                    self.close();
                    return ptr::null_mut();
                }
                next = self.next();
            }
            if let Some((hi, lo)) = self.float_total() {
                let total = if lo != 0.0 && lo.is_finite() { hi + lo } else { hi };
                self.close();
                return made(ffi::PyFloat_FromDouble(total));
            }
            let sorted = self.kind != Native::Sorted || ffi::PyList_Sort(self.gathered[0]) == 0;
            let result = match self.kind {
                _ if !sorted => ptr::null_mut(),
                Native::Tuple => ffi::PyList_AsTuple(self.gathered[0]),
                _ => std::mem::replace(&mut self.gathered[0], ptr::null_mut()),
            };
            if result.is_null() && ffi::PyErr_Occurred().is_null() {
                let text = if self.kind == Native::Min {
                    c"min() iterable argument is empty"
                } else {
                    c"max() iterable argument is empty"
                };
                ffi::PyErr_SetString(ffi::PyExc_ValueError, text.as_ptr());
            }
            self.close();
            result
        }
    }

    /// The total and its compensation, while `sum` adds floats.
    unsafe fn float_total(&self) -> Option<(f64, f64)> {
        // SAFETY: as [`Native`] says, both are floats where the second is set.
        unsafe {
            match (self.kind, &self.gathered[..]) {
                (Native::Sum, [hi, lo]) if !lo.is_null() => Some((ffi::PyFloat_AS_DOUBLE(*hi), ffi::PyFloat_AS_DOUBLE(*lo))),
                _ => None,
            }
        }
    }

    /// `sum`: adds an item. Floats are added with a compensation for the bits lost, which only this loop can go on with; whatever
    /// else the total is, the builtin itself can start from it.
    unsafe fn add(&mut self, item: *mut PyObject) -> Added {
        // SAFETY: live objects; the item's reference is released once.
        unsafe {
            let mut total = self.gathered[0];
            if let Some((hi, lo)) = self.float_total() {
                let number = ffi::PyFloat_CheckExact(item) != 0 || ffi::PyLong_Check(item) != 0;
                if number {
                    let x = ffi::PyFloat_AsDouble(item);
                    ffi::Py_DECREF(item);
                    if x == -1.0 && !ffi::PyErr_Occurred().is_null() {
                        return Added::Failed;
                    }
                    let t = hi + x;
                    let lost = if hi.abs() >= x.abs() { (hi - t) + x } else { (x - t) + hi };
                    for (slot, value) in self.gathered.iter_mut().zip([t, lo + lost]) {
                        ffi::Py_DECREF(std::mem::replace(slot, made(ffi::PyFloat_FromDouble(value))));
                    }
                    return Added::Here;
                }
                let value = if lo != 0.0 && lo.is_finite() { hi + lo } else { hi };
                total = made(ffi::PyFloat_FromDouble(value));
                ffi::Py_DECREF(std::mem::replace(&mut self.gathered[0], total));
                ffi::Py_DECREF(std::mem::replace(&mut self.gathered[1], ptr::null_mut()));
            }
            let sum = ffi::PyNumber_Add(total, item);
            ffi::Py_DECREF(item);
            if sum.is_null() {
                return Added::Failed;
            }
            ffi::Py_DECREF(std::mem::replace(&mut self.gathered[0], sum));
            Added::Object
        }
    }

    /// `min` and `max`: an item that compares like this with the best so far takes its place.
    unsafe fn keep(&mut self, item: *mut PyObject, order: i32) -> bool {
        // SAFETY: live objects.
        unsafe {
            let best = self.gathered[0];
            if best.is_null() {
                self.gathered[0] = item;
                return true;
            }
            let wins = ffi::PyObject_RichCompareBool(item, best, order);
            if wins > 0 {
                self.gathered[0] = item;
                ffi::Py_DECREF(best);
            } else {
                ffi::Py_DECREF(item);
            }
            wins >= 0
        }
    }
}

/// What became of an item of `sum`.
enum Added {
    /// Added to a float; the loop goes on.
    Here,
    /// Added to an object that the builtin can start from.
    Object,
    /// An exception is set.
    Failed,
}
