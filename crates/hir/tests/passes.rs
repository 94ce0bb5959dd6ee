//! Golden tests of the passes: `tests/passes/<pass>_<what>.hir` holds a function, a line `==== <passes>`, and the function
//! after them. Every function must verify, ownership included, before and after, and survive printing and parsing.
//! `BLESS=1` writes the output into the files.

use std::path::{Path, PathBuf};
use whipsnake_hir::ir::Function;
use whipsnake_hir::parse::parse;
use whipsnake_hir::pass::PASSES;
use whipsnake_hir::verify::{verify, verify_ownership};

fn files(dir: &str) -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(dir);
    let mut out: Vec<PathBuf> = std::fs::read_dir(&dir).unwrap().map(|e| e.unwrap().path()).collect();
    out.retain(|p| p.extension().is_some_and(|e| e == "hir"));
    out.sort();
    assert!(!out.is_empty(), "no tests in {dir:?}");
    out
}

fn checked(text: &str, what: &str) -> Function {
    let f = parse(text).unwrap_or_else(|e| panic!("{what}: {e}\n{text}"));
    verify(&f)
        .and_then(|()| verify_ownership(&f))
        .unwrap_or_else(|e| panic!("{what}: {e}\n{f}"));
    let once = f.to_string();
    let twice = parse(&once)
        .unwrap_or_else(|e| panic!("{what}: printed form: {e}\n{once}"))
        .to_string();
    assert_eq!(once, twice, "{what}: printing and parsing changed it");
    f
}

#[test]
fn golden() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut failed = Vec::new();
    for path in files("passes") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let (input, rest) = text.split_once("\n==== ").unwrap_or_else(|| panic!("{name}: no ==== line"));
        let (passes, expected) = rest.split_once('\n').unwrap_or((rest, ""));
        let mut f = checked(input, &name);
        for pass in passes.split_whitespace() {
            let (_, run) = PASSES
                .iter()
                .find(|p| p.0 == pass)
                .unwrap_or_else(|| panic!("{name}: no pass {pass:?}"));
            run(&mut f);
            verify(&f)
                .and_then(|()| verify_ownership(&f))
                .unwrap_or_else(|e| panic!("{name}: after {pass}: {e}\n{f}"));
        }
        let got = f.to_string();
        checked(&got, &format!("{name}: output"));
        if got.trim() == expected.trim() {
            continue;
        }
        if bless {
            std::fs::write(&path, format!("{input}\n==== {passes}\n{got}")).unwrap();
        } else {
            failed.push(format!("{name}: expected\n{expected}\ngot\n{got}"));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// `tests/text/*.hir`: each starts with `; error: <part of the message>` or, without, is a good function.
#[test]
fn text() {
    for path in files("text") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let Some(want) = text.strip_prefix("; error: ").map(|t| t.lines().next().unwrap()) else {
            checked(&text, &name);
            continue;
        };
        let got = parse(&text)
            .map_err(|e| e.to_string())
            .and_then(|f| verify(&f).and_then(|()| verify_ownership(&f)))
            .expect_err(&name);
        assert!(got.contains(want), "{name}: expected an error with {want:?}, got {got:?}");
    }
}
