//! Checks the arguments of a body that may run again: they are evaluated for the key and again for each attempt.

/// Does the expression contain no call, no macro and no block? Then it has the same value each time.
#[must_use]
pub const fn is_the_same_again(expression: &str) -> bool {
    let mut rest = expression.as_bytes();
    let mut before = b' ';
    while let [byte, after @ ..] = rest {
        rest = after;
        match *byte {
            b' ' | b'\n' => continue,
            b'"' => rest = behind_text(after, before),
            b'\'' => rest = behind_char(after),
            b'{' => return false,
            b'(' if is_end_of_operand(before) => return false,
            b'!' if is_word(before) && matches!(after, [b'(' | b'[' | b'{', ..] | [b' ', b'(' | b'[' | b'{', ..]) => {
                return false;
            }
            _ => {}
        }
        before = *byte;
    }
    true
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Can a call follow this byte? It may end a path, with generics or without, or the result of a call or an index.
const fn is_end_of_operand(byte: u8) -> bool {
    is_word(byte) || matches!(byte, b'>' | b')' | b']' | b'?')
}

/// Returns what follows a string literal, whose opening quote has been read. In a raw one, the byte before is an `r` or a `#`.
const fn behind_text(mut rest: &[u8], before: u8) -> &[u8] {
    let is_raw = matches!(before, b'r' | b'#');
    loop {
        rest = match rest {
            [b'"', rest @ ..] => return rest,
            [b'\\', _, rest @ ..] if !is_raw => rest,
            [_, rest @ ..] => rest,
            [] => return rest,
        }
    }
}

/// Returns what follows a character literal, or the quote of a lifetime.
const fn behind_char(rest: &[u8]) -> &[u8] {
    if let [b'\\', _, rest @ ..] | [_, b'\'', rest @ ..] = rest {
        return rest;
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_calls_macros_and_blocks_are_found() {
        let same = [
            "n",
            "&self.name",
            "a.b[0]",
            "(a, b)",
            "&(1, 2)",
            "a + (b * 2)",
            "-1",
            "!a",
            "a != b",
            "\"f(x)\"",
            "'('",
            "&[1, 2]",
            "\"a\\\"(\"",
            "r\"(\"",
            "'\\''",
            "&text[..2]",
            "1..4",
            "x as u64",
            "&*path",
            "N",
            "Self::LIMIT",
            "b\"{}\"",
        ];
        for text in same {
            assert!(is_the_same_again(text), "{text}");
        }
        let changing = [
            "next()",
            "queue.pop()",
            "&f(x)",
            "a.b.c(1)",
            "f::<u8>(1)",
            "format!(\"x\")",
            "vec![1]",
            "{ n }",
            "g[0](1)",
            "f(1)(2)",
            "if a { 1 } else { 2 }",
            "1 + f (x)",
            "(a, next())",
            "&[next()]",
            "\"a\".len()",
        ];
        for text in changing {
            assert!(!is_the_same_again(text), "{text}");
        }
    }
}
