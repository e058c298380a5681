use opero::opmap;

fn main() {
    let words = vec![String::from("a")];
    let results = opmap! { word in &words, stream => word.parse::<u32>() };
    assert_eq!(results.count(), 1);
    let factor = words.len();
    let reference = &factor;
    let results = opmap! { n in 0..3, stream => Ok::<_, String>(n + *reference) };
    assert_eq!(results.count(), 3);
}
