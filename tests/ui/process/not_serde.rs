use opero::opmap;

struct Point(u32);

fn norm(point: Point) -> Result<u32, String> {
    Ok(point.0)
}

fn point(n: u32) -> Result<Point, String> {
    Ok(Point(n))
}

fn main() {
    opero::process::init();
    let _ = opmap! { point in [Point(1)], mode: process => norm(point) };
    let _ = opmap! { n in [1], mode: process => point(n) };
    let _ = opmap! { text in [String::from("1")], mode: process => text.parse::<u32>() };
    let _ = opmap! { point in [Point(1)], mode: async_process => async { norm(point) } };
}
