//! Escapes text for HTML.

use core::fmt::{self, Write as _};

/// Escapes text for element content and quoted attribute values. Replaces characters that are not allowed in a page.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c if is_unseen(c) => f.write_char(char::REPLACEMENT_CHARACTER)?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// Returns whether the character is a control, or changes the direction of the text around it.
fn is_unseen(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn no_text_can_become_markup() {
        let table = [
            ("ask", "ask"),
            ("<script>alert('1')</script>", "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;"),
            ("a & \"b\"", "a &amp; &quot;b&quot;"),
            ("&lt;", "&amp;lt;"),
            ("größer\n\0\u{202e}", "größer\u{fffd}\u{fffd}\u{fffd}"),
        ];
        for (text, escaped) in table {
            assert_eq!(Escaped(text).to_string(), escaped);
        }
    }
}
