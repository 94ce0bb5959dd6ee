//! What compiled code took for granted, and what happens when it stops being true.
//!
//! A compilation assumes that certain keys of certain dicts (globals, builtins, modules) keep their values,
//! that certain functions keep their code and defaults, and that certain classes stay as they are. All are reported by CPython's watchers *before* the
//! change happens. An assumption is registered when it is captured, so a change during a background compilation
//! is seen as well, and the result is thrown away.
//!
//! Compiled code holds no references to the objects that it names: what is watched keeps them alive. When an
//! assumption falls while somebody is inside the code, references to all of them are taken and kept until the last one
//! has left. So nothing lives longer than in the interpreter, and there are no cycles through compiled code.
//!
//! A name that changes again and again is remembered as changing and is not assumed constant again.

use crate::capture::Captured;
use crate::gil::{AddressMap, Gil, no_hash};
use crate::place::Place;
use crate::trial::Trial;
use crate::version::Version;
use crate::{learn, stats, tier};
use pyo3::ffi::{self, PyObject};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::ffi::c_int;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

unsafe extern "C" {
    fn PyDict_AddWatcher(callback: extern "C" fn(c_int, *mut PyObject, *mut PyObject, *mut PyObject) -> c_int) -> c_int;
    fn PyDict_Unwatch(watcher_id: c_int, dict: *mut PyObject) -> c_int;
    fn PyFunction_AddWatcher(callback: extern "C" fn(c_int, *mut PyObject, *mut PyObject) -> c_int) -> c_int;
    fn PyDict_ClearWatcher(id: c_int) -> c_int;
    fn PyFunction_ClearWatcher(id: c_int) -> c_int;
    fn PyType_ClearWatcher(id: c_int) -> c_int;
    fn PyCode_AddWatcher(callback: extern "C" fn(c_int, *mut PyObject) -> c_int) -> c_int;
    fn PyCode_ClearWatcher(id: c_int) -> c_int;
    fn PyType_AddWatcher(callback: extern "C" fn(*mut PyObject) -> c_int) -> c_int;
    fn PyType_Watch(watcher_id: c_int, class: *mut PyObject) -> c_int;
    fn PyType_Unwatch(watcher_id: c_int, class: *mut PyObject) -> c_int;
}

/// `PyDict_WatchEvent`.
mod dict_event {
    pub const ADDED: i32 = 0;
    pub const DELETED: i32 = 2;
    pub const DEALLOCATED: i32 = 5;
}

/// `PyCodeEvent`.
mod code_event {
    pub const DESTROY: i32 = 1;
}

/// `PyFunction_WatchEvent`.
mod func_event {
    pub const CREATE: i32 = 0;
    pub const DESTROY: i32 = 1;
    pub const MODIFY_CODE: i32 = 2;
    pub const MODIFY_KWDEFAULTS: i32 = 4;
}

/// A name or a class is taken for constant until it has changed this often under compiled code. (What a name is bound to that is no function, class or
/// module may well change with the program's state: one change is enough.)
const CHANGES: u32 = 2;

/// One compilation, from capture on: what may enter it, who is inside, and whether it still holds.
pub struct Compiled {
    /// The compiler looks at it as well, so as not to go on in vain.
    valid: Arc<AtomicBool>,
    /// Set when the machine code is in place.
    pub version: OnceCell<Arc<Version>>,
    held: RefCell<Vec<*mut PyObject>>,
    /// Leaf objects that nothing watched keeps alive (owned).
    kept: Vec<*mut PyObject>,
    /// Whether calls of it pay.
    pub trial: Trial,
    /// Versions of the classes of objects that each exit has met.
    pub strangers: RefCell<HashMap<u32, BTreeSet<u32>>>,
    /// The entry it belongs to; null when that code object is gone.
    pub place: Cell<*const Place>,
    /// How often feedback had changed when it was captured.
    pub born: u64,
    /// The namespaces it was compiled for.
    pub globals: *mut PyObject,
    pub builtins: *mut PyObject,
    /// Code objects by `CodeId`; borrowed, as explained above.
    pub codes: Vec<*mut PyObject>,
}

impl Compiled {
    /// # Safety
    /// The GIL is held; what is captured is alive.
    pub unsafe fn new(place: *const Place, captured: &Captured) -> Rc<Compiled> {
        for o in &captured.kept {
            // SAFETY: alive by contract.
            unsafe { ffi::Py_INCREF(*o) };
        }
        Rc::new(Compiled {
            valid: Arc::new(AtomicBool::new(true)),
            version: OnceCell::new(),
            held: RefCell::default(),
            kept: captured.kept.clone(),
            trial: Trial::new(),
            strangers: RefCell::default(),
            place: Cell::new(place),
            born: learn::REVISIONS.load(Ordering::Relaxed),
            globals: captured.globals,
            builtins: captured.builtins,
            codes: captured.codes.clone(),
        })
    }

    pub fn is_valid(&self) -> bool {
        self.valid.load(Ordering::Relaxed)
    }

    /// Where others may see whether it is valid still.
    pub fn validity(&self) -> Arc<AtomicBool> {
        self.valid.clone()
    }

    /// Puts the machine code in place.
    pub fn install(&self, version: Arc<Version>) {
        let version = self.version.get_or_init(|| version);
        version.keep_at(version);
    }

    /// Says that a thread goes into the code.
    pub fn enter(&self) {
        if let Some(v) = self.version.get() {
            v.enter();
        }
    }

    /// Says that it has come out.
    ///
    /// # Safety
    /// The GIL is held; Python code may run.
    pub unsafe fn leave(&self) {
        if let Some(v) = self.version.get() {
            v.leave();
        }
        // SAFETY: the contract.
        unsafe { sweep() };
    }

    /// Ends the code's validity: nobody enters it again, and who is inside leaves at the next check.
    ///
    /// # Safety
    /// The GIL is held and everything the code names is still alive. Runs no Python code.
    pub unsafe fn invalidate(self: &Rc<Self>) {
        if !self.valid.swap(false, Ordering::Relaxed) {
            return;
        }
        stats::with(|s| s.invalidated += 1);
        if let Some(v) = self.version.get() {
            v.end();
            if v.inside() > 0 {
                let mut held = self.held.borrow_mut();
                held.extend(&v.objs);
                held.extend(&self.codes);
                for o in held.iter() {
                    // SAFETY: alive by the contract: the watchers report before anything goes away.
                    unsafe { ffi::Py_INCREF(*o) };
                }
                // SAFETY: GIL held.
                unsafe { ENDED.with(|all| all.push(self.clone())) };
                ANY_ENDED.store(true, Ordering::Relaxed);
            }
        }
        let place = self.place.get();
        if !place.is_null() {
            // SAFETY: `place` is reset before the place is freed.
            unsafe { (*place).forget(self) };
        }
    }
}

/// Those that ended while somebody was inside; they stay until nobody is.
static ENDED: Gil<Vec<Rc<Compiled>>> = Gil::new(Vec::new());
static ANY_ENDED: AtomicBool = AtomicBool::new(false);

/// Lets go of those that nobody is in any more. Compiled callers do not say when they have left; so this is done now and then.
///
/// # Safety
/// The GIL is held; Python code may run.
#[inline(always)]
pub unsafe fn sweep() {
    if ANY_ENDED.load(Ordering::Relaxed) {
        // SAFETY: the contract.
        unsafe { sweep_ended() };
    }
}

#[cold]
unsafe fn sweep_ended() {
    // SAFETY: GIL held; the references were taken when they ended.
    unsafe {
        let left: Vec<_> = ENDED.with(|all| {
            let left = all.extract_if(.., |c| c.version.get().is_none_or(|v| v.inside() == 0)).collect();
            ANY_ENDED.store(!all.is_empty(), Ordering::Relaxed);
            left
        });
        for c in left {
            c.held.take().into_iter().for_each(|o| ffi::Py_DECREF(o));
        }
    }
}

impl Drop for Compiled {
    fn drop(&mut self) {
        if let Some(v) = self.version.get() {
            stats::bury(v);
            let place = self.place.get();
            if !place.is_null() {
                // SAFETY: whoever holds a compilation holds its code object, and with it the place, unless the code object
                // is being freed, which resets `place`.
                unsafe { (*place).bury(v) };
            }
        }
        for o in &self.kept {
            // SAFETY: taken in `new`; whoever drops this holds the GIL, and freeing a leaf object runs no code.
            unsafe { ffi::Py_DECREF(*o) };
        }
    }
}

/// What one dict's dependents are.
#[derive(Default)]
struct DictWatch {
    /// By the hash of the key: who depends on it, and the value they know (null: that it is absent).
    keys: AddressMap<isize, Vec<(Weak<Compiled>, usize)>>,
    changes: AddressMap<isize, u32>,
    /// Who stands on the dict itself.
    users: Vec<Weak<Compiled>>,
}

/// Who depends on a class, and how often it has changed under somebody.
#[derive(Default)]
struct ClassWatch {
    users: Vec<Weak<Compiled>>,
    changes: u32,
}

struct Watches {
    dicts: AddressMap<usize, DictWatch>,
    funcs: AddressMap<usize, Vec<Weak<Compiled>>>,
    classes: AddressMap<usize, ClassWatch>,
}

/// The numbers of our watchers; -1 before there are any.
static DICT_WATCHER: AtomicI32 = AtomicI32::new(-1);
static CLASS_WATCHER: AtomicI32 = AtomicI32::new(-1);

static WATCHES: Gil<Watches> = Gil::new(Watches {
    dicts: AddressMap::with_hasher(no_hash()),
    funcs: AddressMap::with_hasher(no_hash()),
    classes: AddressMap::with_hasher(no_hash()),
});

/// One thing taken for granted.
#[derive(Clone, Copy)]
pub enum Assumption {
    /// The dict has this value (null: none) under the name (an exact str, alive while the dict has it or the code names it).
    Key {
        dict: *mut PyObject,
        hash: isize,
        value: *mut PyObject,
    },
    /// The dict lives on.
    Dict(*mut PyObject),
    /// The function lives on with its code and defaults.
    Func(*mut PyObject),
    /// The class, which has a version, and those it derives from stay as they are.
    Class(*mut PyObject),
}

/// Asks CPython for watchers; once a process.
///
/// # Safety
/// The GIL is held.
pub unsafe fn start() -> Result<(), String> {
    if dict_watcher() >= 0 {
        return Ok(());
    }
    // SAFETY: GIL held; the callbacks live as long as the process.
    let watchers = unsafe {
        (
            last_of(|| PyDict_AddWatcher(on_dict), |id| PyDict_ClearWatcher(id)),
            last_of(|| PyFunction_AddWatcher(on_function), |id| PyFunction_ClearWatcher(id)),
            last_of(|| PyType_AddWatcher(on_class), |id| PyType_ClearWatcher(id)),
            last_of(|| PyCode_AddWatcher(on_code), |id| PyCode_ClearWatcher(id)),
        )
    };
    let (Some(dicts), Some(_), Some(classes), Some(_)) = watchers else {
        return Err("all of CPython's dict, function, type or code watchers are taken".into());
    };
    DICT_WATCHER.store(dicts, Ordering::Relaxed);
    CLASS_WATCHER.store(classes, Ordering::Relaxed);
    Ok(())
}

/// The last watcher that CPython has left, and leaves the others: whoever else comes gets the numbers that they would get without us.
fn last_of(add: impl Fn() -> c_int, clear: impl Fn(c_int) -> c_int) -> Option<c_int> {
    let mut mine: Vec<c_int> = std::iter::repeat_with(add).take_while(|id| *id >= 0).collect();
    let last = mine.pop();
    mine.into_iter().for_each(|id| {
        clear(id);
    });
    // SAFETY: the callers hold the GIL; the exception says that there are no more.
    unsafe { ffi::PyErr_Clear() };
    last
}

/// Called by CPython when a code object has been made or goes.
extern "C" fn on_code(event: c_int, code: *mut PyObject) -> c_int {
    if event == code_event::DESTROY {
        // SAFETY: GIL held; a code object that goes is in no frame.
        unsafe { crate::tier::code_goes(code) };
    }
    0
}

/// Registers what a compilation assumes.
///
/// # Safety
/// The GIL is held, and the assumptions are true now.
pub unsafe fn depend(compiled: &Rc<Compiled>, assumptions: &[Assumption]) {
    let (mut watch, mut classes) = (Vec::new(), Vec::new());
    // SAFETY: GIL held; the closure only fills maps.
    unsafe {
        WATCHES.with(|w| {
            for a in assumptions {
                match *a {
                    Assumption::Key { dict, hash, value } => {
                        let d = w.dicts.entry(dict as usize).or_default();
                        let deps = d.keys.entry(hash).or_default();
                        deps.retain(|(c, _)| c.strong_count() > 0);
                        deps.push((Rc::downgrade(compiled), value as usize));
                        watch.push(dict);
                    }
                    Assumption::Dict(dict) => {
                        let d = w.dicts.entry(dict as usize).or_default();
                        d.users.retain(|c| c.strong_count() > 0);
                        d.users.push(Rc::downgrade(compiled));
                        watch.push(dict);
                    }
                    Assumption::Func(f) => {
                        let deps = w.funcs.entry(f as usize).or_default();
                        deps.retain(|c| c.strong_count() > 0);
                        deps.push(Rc::downgrade(compiled));
                    }
                    Assumption::Class(c) => {
                        let users = &mut w.classes.entry(c as usize).or_default().users;
                        users.retain(|c| c.strong_count() > 0);
                        users.push(Rc::downgrade(compiled));
                        classes.push(c);
                    }
                }
            }
        });
    }
    for class in classes {
        // SAFETY: a live class; watching twice is harmless.
        unsafe { PyType_Watch(CLASS_WATCHER.load(Ordering::Relaxed), class) };
    }
    watch.dedup();
    for dict in watch {
        // SAFETY: a live dict (captured just now); watching twice is harmless.
        unsafe { ffi::PyDict_Watch(dict_watcher(), dict) };
    }
}

/// From now on the key counts as changing, and what depends on its value ends: compiled code is going to store to it without telling
/// anybody.
///
/// # Safety
/// As for [`Compiled::invalidate`]; the dict is alive.
pub unsafe fn set_changing(dict: *mut PyObject, hash: isize) {
    // SAFETY: the contract; the closure only looks into maps.
    unsafe {
        let found = WATCHES.with(|w| {
            let d = w.dicts.entry(dict as usize).or_default();
            d.changes.insert(hash, CHANGES);
            d.keys.remove(&hash).unwrap_or_default()
        });
        invalidate_all(found.into_iter().map(|(c, _)| c).collect());
        // So that what is known of the dict goes with it.
        ffi::PyDict_Watch(dict_watcher(), dict);
    }
}

/// The number of our dict watcher.
pub fn dict_watcher() -> c_int {
    DICT_WATCHER.load(Ordering::Relaxed)
}

/// Whether this key is known to change at run time.
///
/// # Safety
/// The GIL is held.
pub unsafe fn is_changing(dict: *mut PyObject, hash: isize) -> bool {
    // SAFETY: GIL held; lookups only.
    unsafe {
        WATCHES.with(|w| {
            w.dicts
                .get(&(dict as usize))
                .is_some_and(|d| d.changes.get(&hash).is_some_and(|n| *n >= CHANGES))
        })
    }
}

/// Whether this class is known to change at run time.
///
/// # Safety
/// The GIL is held.
pub unsafe fn is_changing_class(class: *mut PyObject) -> bool {
    // SAFETY: GIL held; lookups only.
    unsafe { WATCHES.with(|w| w.classes.get(&(class as usize)).is_some_and(|c| c.changes >= CHANGES)) }
}

/// Ends all of these.
///
/// # Safety
/// As for [`Compiled::invalidate`].
unsafe fn invalidate_all(found: Vec<Weak<Compiled>>) {
    for c in found.iter().filter_map(Weak::upgrade) {
        // SAFETY: the caller's promise.
        unsafe { c.invalidate() };
    }
}

/// Whether an object is mostly bound to one name for good.
unsafe fn is_code(o: *mut PyObject) -> bool {
    // SAFETY: a live object, by the caller.
    unsafe {
        let ty = ffi::Py_TYPE(o);
        ty == &raw mut ffi::PyFunction_Type
            || ty == &raw mut ffi::PyCFunction_Type
            || ty == &raw mut ffi::PyModule_Type
            || ffi::PyType_Check(o) != 0
    }
}

extern "C" fn on_dict(event: c_int, dict: *mut PyObject, key: *mut PyObject, value: *mut PyObject) -> c_int {
    // SAFETY: CPython calls this with the GIL held, before the change, with live objects.
    // Hashing an exact str runs no Python code.
    unsafe {
        let known = (dict_event::ADDED..=dict_event::DELETED).contains(&event) && ffi::PyUnicode_CheckExact(key) != 0;
        let hash = if known { ffi::PyObject_Hash(key) } else { 0 };
        let (found, idle) = WATCHES.with(|w| {
            let Some(d) = w.dicts.get_mut(&(dict as usize)) else {
                return (Vec::new(), true);
            };
            let mut found = Vec::new();
            if known {
                if let Some(deps) = d.keys.get_mut(&hash) {
                    let now = if event == dict_event::DELETED { 0 } else { value as usize };
                    deps.retain(|(c, expected)| {
                        if *expected == now {
                            return true;
                        }
                        if c.upgrade().is_some_and(|c| c.is_valid()) {
                            found.push(c.clone());
                        }
                        false
                    });
                    if !found.is_empty() {
                        *d.changes.entry(hash).or_default() += if now == 0 || is_code(value) { 1 } else { CHANGES };
                    }
                    if deps.is_empty() {
                        d.keys.remove(&hash);
                    }
                }
            } else {
                // Cleared, cloned into, about to go, or a key that may equal any name.
                found.extend(d.keys.drain().flat_map(|(_, deps)| deps.into_iter().map(|(c, _)| c)));
            }
            let idle = d.keys.is_empty() && d.users.iter().all(|c| c.strong_count() == 0);
            if event == dict_event::DEALLOCATED {
                found.append(&mut d.users);
                w.dicts.remove(&(dict as usize));
            }
            (found, idle)
        });
        if event == dict_event::DEALLOCATED {
            // Its code has done nothing wrong: in another namespace it starts anew.
            for c in found.iter().filter_map(Weak::upgrade).filter(|c| c.globals == dict) {
                if let Some(place) = c.place.get().as_ref() {
                    place.compiles.set(0);
                }
            }
        }
        invalidate_all(found);
        // A dict on which nothing depends any more costs its writers nothing.
        if idle && event != dict_event::DEALLOCATED {
            PyDict_Unwatch(dict_watcher(), dict);
        }
    }
    0
}

extern "C" fn on_function(event: c_int, func: *mut PyObject, _value: *mut PyObject) -> c_int {
    // SAFETY: CPython calls this with the GIL held and a live function, before the change.
    unsafe {
        match event {
            func_event::CREATE => tier::on_function_created(func),
            func_event::DESTROY | func_event::MODIFY_CODE..=func_event::MODIFY_KWDEFAULTS => {
                let found = WATCHES.with(|w| w.funcs.remove(&(func as usize))).unwrap_or_default();
                invalidate_all(found);
                tier::on_function_changed(func, event == func_event::DESTROY);
            }
            _ => {}
        }
    }
    0
}

extern "C" fn on_class(class: *mut PyObject) -> c_int {
    // SAFETY: CPython calls this with the GIL held and a live class, before it changes or goes.
    unsafe {
        let found = WATCHES.with(|w| {
            let watch = w.classes.get_mut(&(class as usize));
            watch.map_or_else(Vec::new, |c| {
                c.changes += u32::from(c.users.iter().filter_map(Weak::upgrade).any(|u| u.is_valid()));
                std::mem::take(&mut c.users)
            })
        });
        invalidate_all(found);
        PyType_Unwatch(CLASS_WATCHER.load(Ordering::Relaxed), class);
    }
    0
}
