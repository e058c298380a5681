use opero::opero;

enum Fault {
    Io,
    Busy(u32),
}

fn main() {
    let _ = opero! { retry_on: Fault::Oi => Err::<(), _>(Fault::Io) };
    let _ = opero! { retry_on: 3 => Err::<(), _>(Fault::Busy(1)) };
    let _ = opero! { retry_on: |error| true => Err::<(), _>(Fault::Busy(1)) };
    let _ = opero! { retry_on: == 3 => Err::<(), _>(3) };
}
