//! Charts as SVG paths.
//!
//! A chart is stretched to the available space, so it contains nothing round and no text.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

/// The width of a slot.
pub(super) const SLOT: u64 = 10;
/// The height of a chart.
pub(super) const HEIGHT: u64 = 1000;

/// A step line: one level for each slot with a value. Adjacent slots are joined.
pub(super) fn steps(values: &[(u64, u64)], top: u64) -> String {
    let mut path = String::new();
    let mut end = None;
    for (slot, value) in values {
        let (left, y) = (slot * SLOT, HEIGHT - height(*value, top));
        let joins = if end == Some(left) { 'L' } else { 'M' };
        let right = left + SLOT;
        // Writing to a `String` cannot fail.
        let _ = write!(path, "{joins}{left} {y}H{right}");
        end = Some(right);
    }
    path
}

/// The area between two step lines.
pub(super) fn band(values: &[(u64, u64, u64)], top: u64) -> String {
    let mut path = String::new();
    for (slot, low, high) in values {
        let (y, low) = (HEIGHT - height(*high, top), HEIGHT - height(*low, top));
        bar(&mut path, *slot, y, low - y.min(low));
    }
    path
}

/// Stacked bars: one path for each kind, from the bottom.
pub(super) fn stack<const KINDS: usize>(values: &[(u64, [u64; KINDS])], top: u64) -> [String; KINDS] {
    let mut paths = [const { String::new() }; KINDS];
    for (slot, parts) in values {
        let (mut sum, mut bottom) = (0_u64, 0);
        for (path, part) in paths.iter_mut().zip(parts).filter(|(_, part)| **part > 0) {
            sum = sum.saturating_add(*part);
            // Events are visible however rare they are.
            let above = height(sum, top).max(bottom + LEAST).min(HEIGHT);
            bar(path, *slot, HEIGHT - above, above - bottom);
            bottom = above;
        }
    }
    paths
}

/// The minimum height of a bar: about two pixels.
const LEAST: u64 = 16;

fn bar(path: &mut String, slot: u64, y: u64, height: u64) {
    // Writing to a `String` cannot fail.
    let _ = write!(path, "M{} {y}h{SLOT}v{height}h-{SLOT}z", slot * SLOT);
}

/// The height of a value on an axis from zero to `top`.
fn height(value: u64, top: u64) -> u64 {
    let height = u128::from(value.min(top)) * u128::from(HEIGHT) / u128::from(top.max(1));
    u64::try_from(height).unwrap_or(HEIGHT)
}

/// The largest value.
pub(super) fn greatest(values: impl IntoIterator<Item = u64>) -> u64 {
    values.into_iter().max().unwrap_or(0)
}

/// The values that are present.
pub(super) fn present<T>(values: impl IntoIterator<Item = (u64, Option<T>)>) -> Vec<(u64, T)> {
    values.into_iter().filter_map(|(slot, value)| Some((slot, value?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_a_step_for_each_slot_and_a_gap_without_one() {
        assert_eq!(steps(&[(0, 0), (1, 50), (3, 100), (4, 500)], 100), "M0 1000H10L10 500H20M30 0H40L40 0H50");
        assert_eq!(steps(&[], 100), "");
        assert_eq!(steps(&[(0, 7)], 0), "M0 1000H10");
    }

    #[test]
    fn a_band_is_between_its_lines() {
        assert_eq!(band(&[(2, 10, 60), (3, 70, 60)], 100), "M20 400h10v500h-10zM30 400h10v0h-10z");
    }

    #[test]
    fn bars_are_stacked() {
        let paths = stack(&[(0, [50, 25, 0]), (1, [0, 0, 100])], 100);
        assert_eq!(paths, ["M0 500h10v500h-10z", "M0 250h10v250h-10z", "M10 0h10v1000h-10z"]);
    }

    #[test]
    fn rare_outcomes_are_visible() {
        let [failed, others] = stack(&[(0, [1, 999_999])], 1_000_000);
        assert_eq!((failed.as_str(), others.as_str()), ("M0 984h10v16h-10z", "M0 0h10v984h-10z"));
        let [failed, others] = stack(&[(0, [u64::MAX, 1])], u64::MAX);
        assert_eq!((failed.as_str(), others.as_str()), ("M0 0h10v1000h-10z", "M0 0h10v0h-10z"));
    }
}
