use opero::opmap;

fn main() {
    opero::process::init();
    let factor = 3;
    let _ = opmap! { n in 0..3_u64, mode: process, retries: 2 => Ok::<_, String>(n * factor) };
    let names = vec![String::from("a")];
    let _ = opmap! { n in 0..3_usize, mode: process, init_child: || drop(names.len()) => Ok::<_, String>(n) };
    let _ = opmap! { n in 0..3_u64, mode: async_process, retries: 2 => async { Ok::<_, String>(n * factor) } };
}
