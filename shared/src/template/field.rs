//! Fields of items: their kinds, and the values that people write into them.

use super::Name;
use serde::Deserialize;

/// A field of an item.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    pub id: String,
    pub name: Name,
    pub kind: FieldKind,
    /// The choices of a choice: `[id, simplified, traditional, English]`.
    #[serde(default)]
    pub choices: Vec<[String; 4]>,
    /// The type that an item reference points at.
    #[serde(default)]
    pub to: Option<String>,
    /// States in which it must be filled.
    #[serde(default)]
    pub required_in: Vec<String>,
    /// Whether the public page shows it.
    #[serde(default)]
    pub public: bool,
}

/// The kind of values in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    Text,
    LongText,
    Number,
    /// With 元, 万元 or 亿元.
    Money,
    Percent,
    /// ISO.
    Date,
    Choice,
    Unit,
    Person,
    Item,
    Attachment,
    YesNo,
}

/// A value of a field, as rules see it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Text(String),
    /// Money in 元, percent as printed (65 for 65%).
    Number(f64),
    Date(jiff::civil::Date),
    Yes(bool),
}

/// An amount with the scale it was written in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Money {
    /// In 元.
    pub yuan: f64,
}

impl Money {
    /// Reads `2亿元`, `1200 万元`, `3,500元` or a bare number of 元.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let folded = crate::text::folded_text(text);
        let text = folded.trim_end_matches('元').replace(['，', ','], "");
        let (number, scale) =
            [("万亿", 1e12), ("亿", 1e8), ("千万", 1e7), ("百万", 1e6), ("万", 1e4), ("千", 1e3)]
                .iter()
                .find_map(|(word, scale)| Some((text.strip_suffix(word)?, *scale)))
                .unwrap_or((&text, 1.0));
        let number: f64 = number.trim().parse().ok()?;
        number.is_finite().then_some(Self { yuan: number * scale })
    }
}

/// An amount of 元 in the scale that people read: 元, 万元 or 亿元.
#[must_use]
pub fn money_words(yuan: f64) -> String {
    let (number, scale) = match yuan.abs() {
        amount if amount >= 1e8 => (yuan / 1e8, "亿元"),
        amount if amount >= 1e4 => (yuan / 1e4, "万元"),
        _ => (yuan, "元"),
    };
    format!("{}{scale}", crate::publication::number_words(number))
}

impl Field {
    /// The value that a person wrote, or why it is none; nothing for an empty field.
    ///
    /// # Errors
    /// A sentence for the person when the words do not fit the kind.
    pub fn read(&self, words: &str) -> Result<Option<Value>, String> {
        let words = words.trim();
        if words.is_empty() {
            return Ok(None);
        }
        let value = match self.kind {
            FieldKind::Number => {
                crate::text::typed_number(words).map(Value::Number).ok_or("请填写数字，如 12 或 3.5")
            }
            FieldKind::Percent => crate::text::typed_number(words.trim_end_matches(['%', '％']))
                .map(Value::Number)
                .ok_or("请填写百分比，如 65%"),
            FieldKind::Money => Money::parse(words)
                .map(|money| Value::Number(money.yuan))
                .ok_or("请填写金额，如 1200万元 或 2亿元"),
            FieldKind::Date => words.parse().map(Value::Date).map_err(|_| "请填写日期，如 2025-06-30"),
            FieldKind::YesNo => match words {
                "yes" => Ok(Value::Yes(true)),
                "no" => Ok(Value::Yes(false)),
                _ => Err("请选择是或否"),
            },
            FieldKind::Choice if !self.choices.iter().any(|[id, ..]| id == words) => {
                Err("请从列出的选项中选择")
            }
            FieldKind::Text
            | FieldKind::LongText
            | FieldKind::Choice
            | FieldKind::Unit
            | FieldKind::Person
            | FieldKind::Item
            | FieldKind::Attachment => Ok(Value::Text(words.to_owned())),
        };
        value.map(Some).map_err(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_read_in_every_scale() {
        let yuan = |text: &str| Money::parse(text).map(|money| money.yuan);
        assert_eq!(yuan("2亿元"), Some(200_000_000.0));
        assert_eq!(yuan("1.2 亿"), Some(120_000_000.0));
        assert_eq!(yuan("１２００万元"), Some(12_000_000.0));
        assert_eq!(yuan("3,500元"), Some(3500.0));
        assert_eq!(yuan("约两亿"), None);
        assert_eq!(yuan("1e999亿"), None);
    }

    #[test]
    fn money_is_told_in_the_scale_that_people_read() {
        assert_eq!(money_words(5_465_000.0), "546.5万元");
        assert_eq!(money_words(260_000_000.0), "2.6亿元");
        assert_eq!(money_words(-120.0), "-120元");
        assert_eq!(
            Money::parse(&money_words(12_345_678.0)).map(|money| money.yuan.round()),
            Some(12_345_678.0)
        );
    }

    #[test]
    fn words_that_do_not_fit_are_refused_in_plain_words() {
        let field = |kind| Field {
            id: "f".into(),
            name: Name::default(),
            kind,
            choices: vec![["a".into(), "甲".into(), "甲".into(), "A".into()]],
            to: None,
            required_in: Vec::new(),
            public: false,
        };
        assert_eq!(field(FieldKind::Number).read("  "), Ok(None));
        assert!(field(FieldKind::Number).read("NaN").is_err());
        assert!(field(FieldKind::Date).read("2025-02-30").is_err());
        assert!(field(FieldKind::Choice).read("b").is_err());
        assert_eq!(field(FieldKind::Percent).read("65%"), Ok(Some(Value::Number(65.0))));
    }
}
