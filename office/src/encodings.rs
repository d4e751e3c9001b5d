//! Text in the encodings that offices use: UTF-8, UTF-16 with and without its mark, GB 18030, Big5.

use encoding_rs::{BIG5, Encoding, GB18030, UTF_16BE, UTF_16LE};

/// The words of a text file. Bytes that are in none of the encodings give replacement characters.
pub fn decoded(bytes: &[u8]) -> String {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0.into_owned();
    }
    if bytes.contains(&0)
        && let Some(text) = without_mark(bytes)
    {
        return text;
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    // Both encodings read nearly every pair of bytes: the text that has more of the characters that every text has
    // is the right one.
    let (simplified, _, _) = GB18030.decode(bytes);
    let (traditional, _, broken) = BIG5.decode(bytes);
    let wide = without_mark(bytes);
    let mut best = (usual(&simplified), simplified.into_owned());
    if !broken && usual(&traditional) > best.0 {
        best = (usual(&traditional), traditional.into_owned());
    }
    match wide {
        Some(text) if usual(&text) > best.0 => text,
        _ => best.1,
    }
}

/// UTF-16 without a mark, where nearly every character is one of a Chinese text.
fn without_mark(bytes: &[u8]) -> Option<String> {
    let is_plain = |c: char| {
        matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ffef}' | '\u{2010}'..='\u{2026}')
            || c.is_ascii_graphic()
            || matches!(c, ' ' | '\t' | '\r' | '\n')
    };
    let read = |encoding: &'static Encoding| {
        let (text, broken) = encoding.decode_without_bom_handling(bytes);
        let (all, plain) = text
            .chars()
            .fold((0_usize, 0_usize), |(all, plain), c| (all + 1, plain + usize::from(is_plain(c))));
        (!broken && all > 0 && plain * 20 >= all * 19).then(|| text.into_owned())
    };
    bytes.len().is_multiple_of(2).then(|| read(UTF_16LE).or_else(|| read(UTF_16BE))).flatten()
}

/// How many characters of a text are among those that are everywhere.
fn usual(text: &str) -> usize {
    const USUAL: &str = "的一是在不了有和人中大为上个国以要时来用生到作地于出分对成会可主发年动同工也能下过产种面方后定行学法\
        所民得经十三进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天\
        政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情\
        者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手\
        角期根论运农指几九区强放决西被干做必战先回则任取完举色市县局委厅办牵责任单位配合負責單位牽頭實施與為個國時來產種經進\
        電現實點業應開還體機當關線數變條問無軍長將組見計別論運農幾區強戰則決舉縣廳辦務發動對會過學後";
    text.chars().filter(|c| USUAL.contains(*c)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIMPLE: &str = "某市工作方案\n一、重点任务\n（一）加强管理。（责任单位：市财政局）";
    const TRADITIONAL: &str = "某市工作方案\n一、重點任務\n（一）加強管理。（責任單位：市財政局）";

    #[test]
    fn every_encoding_of_offices_is_read() {
        let wide = |text: &str, big: bool| -> Vec<u8> {
            let pair = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
            text.encode_utf16().flat_map(pair).collect()
        };
        assert_eq!(decoded(SIMPLE.as_bytes()), SIMPLE);
        assert_eq!(decoded(&GB18030.encode(SIMPLE).0), SIMPLE);
        assert_eq!(decoded(&BIG5.encode(TRADITIONAL).0), TRADITIONAL);
        for big in [false, true] {
            assert_eq!(decoded(&wide(SIMPLE, big)), SIMPLE);
            assert_eq!(decoded(&wide(&format!("\u{feff}{SIMPLE}"), big)), SIMPLE);
        }
        // A text without a line, and so without a byte that is nought.
        let line = SIMPLE.replace('\n', "");
        assert_eq!(decoded(&wide(&line, false)), line);
    }
}
