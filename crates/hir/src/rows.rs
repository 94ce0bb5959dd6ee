//! How the op table and the helper table spell operands and results.

macro_rules! opnds {
    (@ [$($done:expr),*] ) => { (&[$($done),*], false) };
    (@ [$($done:expr),*] *) => { (&[$($done),*], true) };
    (@ [$($done:expr),*] $o:ident $($rest:tt)*) => { opnds!(@ [$($done,)* Opnd::$o] $($rest)*) };
    ($($t:tt)*) => { opnds!(@ [] $($t)*) };
}
macro_rules! res {
    (-) => {
        Res::None
    };
    ($r:ident) => {
        Res::$r
    };
}
