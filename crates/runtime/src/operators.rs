//! The rest of an operator whose first special method has been run by compiled code and left there: `NotImplemented` leads on to
//! the other operand's method, or to the error; a comparison's result may have to be made a bool.
//!
//! Only classes that derive from no builtin one get here, with each other or with numbers (comparisons: with anything).

use pyo3::ffi::{self, PyObject};
use std::ffi::{CStr, c_char, c_int};
use std::ptr;
use whipsnake_abi::bytecode::Instr;
use whipsnake_abi::opcode as op;
use whipsnake_hir::snapshot::BINARY_METHODS;

unsafe extern "C" {
    fn _PyObject_LookupSpecial(obj: *mut PyObject, name: *mut PyObject) -> *mut PyObject;
}

type Obj = *mut PyObject;

/// Symbols in messages, in order of BINARY_OP's argument.
const SYMBOLS: [&CStr; 26] = [
    c"+",
    c"&",
    c"//",
    c"<<",
    c"@",
    c"*",
    c"%",
    c"|",
    c"** or pow()",
    c">>",
    c"-",
    c"/",
    c"^",
    c"+=",
    c"&=",
    c"//=",
    c"<<=",
    c"@=",
    c"*=",
    c"%=",
    c"|=",
    c"**=",
    c">>=",
    c"-=",
    c"/=",
    c"^=",
];
const COMPARISONS: [&CStr; 6] = [c"<", c"<=", c"==", c"!=", c">", c">="];
/// The comparison with its operands exchanged.
const SWAPPED: [c_int; 6] = [ffi::Py_GT, ffi::Py_GE, ffi::Py_EQ, ffi::Py_NE, ffi::Py_LT, ffi::Py_LE];

/// The result of the operator; null with an exception set. Takes over the reference to `value`.
///
/// # Safety
/// The GIL is held; the operands are live, and `value` is what the special method called first has answered.
pub unsafe fn finish(a: Obj, b: Obj, instr: &Instr, value: Obj) -> Obj {
    // SAFETY: the contract.
    unsafe {
        let declined = value == ffi::Py_NotImplemented();
        if instr.op != op::COMPARE_OP {
            return if declined { binary(a, b, instr.arg as usize) } else { value };
        }
        let value = if declined {
            compare(a, b, (instr.arg >> 5) as usize)
        } else {
            value
        };
        if value.is_null() || instr.arg & 16 == 0 {
            return value;
        }
        let truth = ffi::PyObject_IsTrue(value);
        ffi::Py_DECREF(value);
        if truth < 0 {
            ptr::null_mut()
        } else {
            ffi::PyBool_FromLong(truth.into())
        }
    }
}

unsafe fn name(o: Obj) -> *const c_char {
    // SAFETY: a live object.
    unsafe { (*ffi::Py_TYPE(o)).tp_name }
}

/// The left operand's method has declined, or that of the right one because the left is a number.
unsafe fn binary(a: Obj, b: Obj, nb: usize) -> Obj {
    // SAFETY: live operands; the looked-up method is released.
    unsafe {
        let written = |o: Obj| ffi::PyType_GetFlags(ffi::Py_TYPE(o)) & ffi::Py_TPFLAGS_HEAPTYPE != 0;
        if written(a) && written(b) && ffi::Py_TYPE(a) != ffi::Py_TYPE(b) {
            let reflected = BINARY_METHODS[nb % BINARY_METHODS.len()][1];
            let key = ffi::PyUnicode_FromStringAndSize(reflected.as_ptr().cast(), reflected.len() as isize);
            if key.is_null() {
                return key;
            }
            let method = _PyObject_LookupSpecial(b, key);
            ffi::Py_DECREF(key);
            if !method.is_null() {
                let result = ffi::PyObject_CallOneArg(method, a);
                ffi::Py_DECREF(method);
                if result != ffi::Py_NotImplemented() {
                    return result;
                }
            } else if !ffi::PyErr_Occurred().is_null() {
                return method;
            }
        }
        ffi::PyErr_Format(
            ffi::PyExc_TypeError,
            c"unsupported operand type(s) for %.100s: '%.100s' and '%.100s'".as_ptr(),
            SYMBOLS[nb].as_ptr(),
            name(a),
            name(b),
        );
        ptr::null_mut()
    }
}

/// The left operand's method has declined.
unsafe fn compare(a: Obj, b: Obj, cc: usize) -> Obj {
    // SAFETY: live operands.
    unsafe {
        if let Some(f) = (*ffi::Py_TYPE(b)).tp_richcompare {
            let result = f(b, a, SWAPPED[cc]);
            if result != ffi::Py_NotImplemented() {
                return result;
            }
        }
        match cc as c_int {
            ffi::Py_EQ => ffi::PyBool_FromLong((a == b).into()),
            ffi::Py_NE => ffi::PyBool_FromLong((a != b).into()),
            _ => {
                ffi::PyErr_Format(
                    ffi::PyExc_TypeError,
                    c"'%s' not supported between instances of '%.100s' and '%.100s'".as_ptr(),
                    COMPARISONS[cc].as_ptr(),
                    name(a),
                    name(b),
                );
                ptr::null_mut()
            }
        }
    }
}
