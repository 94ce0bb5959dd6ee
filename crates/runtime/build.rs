//! Refuses to build for an interpreter whose layout this crate does not know.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    pyo3_build_config::use_pyo3_cfgs();
    let config = pyo3_build_config::get();
    let (major, minor) = (config.version().major, config.version().minor);
    assert!(
        (major, minor) == (3, 14),
        "Whipsnake is built for CPython 3.14, not {major}.{minor}: set PYO3_PYTHON to one"
    );
}
