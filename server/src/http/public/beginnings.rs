//! The one way by which words come into a public page: escaped, and of one that is very long the beginning. A
//! browser takes seconds to set each word of a hundred thousand letters in lines. The table, the data and the
//! signed edition keep every letter.

use askama::filters::{Escaper, Html};
use std::fmt::{self, Write};
use tongban_shared::limits::{TEXT_SHOWN, WORD_SHOWN};
use tongban_shared::text::shown;
use tongban_shared::words::Lang;

/// Titles, names, numbers and all else that a template says.
#[derive(Debug, Clone, Copy)]
pub struct Words;

/// Texts: `{{ item.text|escape("texts") }}`.
#[derive(Debug, Clone, Copy)]
pub struct Texts;

impl Escaper for Words {
    fn write_escaped_str<W: Write>(&self, page: W, words: &str) -> fmt::Result {
        Html.write_escaped_str(page, &shown(words, WORD_SHOWN, Lang::Hans))
    }
}

impl Escaper for Texts {
    fn write_escaped_str<W: Write>(&self, page: W, words: &str) -> fmt::Result {
        Html.write_escaped_str(page, &shown(words, TEXT_SHOWN, Lang::Hans))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(askama::Template)]
    #[template(source = "{{ words }}|{{ words|escape(\"texts\") }}", ext = "html")]
    struct Page<'a> {
        words: &'a str,
    }

    #[test]
    fn a_page_shows_the_beginning_of_a_long_word_and_of_a_long_text() {
        let page = |words: &str| askama::Template::render(&Page { words }).expect("a page");
        assert_eq!(page("<b>"), "&#60;b&#62;|&#60;b&#62;");
        let told = page(&"长".repeat(99_000));
        let (word, text) = told.split_once('|').expect("both");
        assert_eq!([word, text].map(|shown| shown.chars().count()), [WORD_SHOWN, TEXT_SHOWN]);
        assert!(word.ends_with("…（共 99,000 字）") && text.ends_with("…（共 99,000 字）"));
    }
}
