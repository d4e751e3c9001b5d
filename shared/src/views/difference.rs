//! Two texts side by side: the phrases that went and came, between words that stayed.

/// A stretch of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Same(String),
    Gone(String),
    New(String),
}

/// The most characters that are compared one by one; longer stretches are replaced as one.
const MOST: usize = 1500;

/// Fewer letters than this between two changes belong to the phrase that changed.
const SHORT: usize = 2;

/// Words that stay are shown so far on either side of a change.
const AROUND: usize = 12;

/// The differences between two texts, in the order of the newer one. Long words that stay are given
/// beside a change only, with `…` for the rest.
#[must_use]
pub fn difference(old: &str, new: &str) -> Vec<Piece> {
    if old == new {
        return Vec::new();
    }
    let (old, new): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
    let head = old.iter().zip(&new).take_while(|(one, other)| one == other).count();
    let behind = old[head..].iter().rev().zip(new[head..].iter().rev());
    let tail = behind.take_while(|(one, other)| one == other).count();
    let (gone, came) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let mut pieces = vec![Piece::Same(old[..head].iter().collect())];
    pieces.extend(middle(gone, came));
    pieces.push(Piece::Same(old[old.len() - tail..].iter().collect()));
    clipped(pieces)
}

fn middle(old: &[char], new: &[char]) -> Vec<Piece> {
    let whole = || vec![Piece::Gone(old.iter().collect()), Piece::New(new.iter().collect())];
    if old.is_empty() || new.is_empty() || old.len() > MOST || new.len() > MOST {
        return whole();
    }
    // The longest letters in common, from the end.
    let width = new.len() + 1;
    let mut common = vec![0_u16; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i * width + j] = if old[i] == new[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut runs: Vec<(String, String, String)> = vec![Default::default()];
    while i < old.len() || j < new.len() {
        let last = runs.last_mut().unwrap_or_else(|| unreachable!("it begins with one"));
        if i < old.len() && j < new.len() && old[i] == new[j] {
            last.2.push(old[i]);
            (i, j) = (i + 1, j + 1);
            continue;
        }
        // A change after words that stayed begins a run of its own, unless they are few.
        if !last.2.is_empty() {
            if last.2.chars().count() < SHORT && !(last.0.is_empty() && last.1.is_empty()) {
                let stayed = std::mem::take(&mut last.2);
                last.0.push_str(&stayed);
                last.1.push_str(&stayed);
            } else {
                runs.push(Default::default());
                continue;
            }
        }
        let down = if i < old.len() { common[(i + 1) * width + j] } else { 0 };
        let across = if j < new.len() { common[i * width + j + 1] } else { 0 };
        if i < old.len() && (j >= new.len() || down >= across) {
            last.0.push(old[i]);
            i += 1;
        } else {
            last.1.push(new[j]);
            j += 1;
        }
    }
    let of_run = |(gone, came, same)| [Piece::Gone(gone), Piece::New(came), Piece::Same(same)];
    runs.into_iter().flat_map(of_run).collect()
}

fn clipped(pieces: Vec<Piece>) -> Vec<Piece> {
    let last = pieces.len().saturating_sub(1);
    let clip = |(at, piece): (usize, Piece)| {
        let Piece::Same(words) = piece else { return piece };
        let all: Vec<char> = words.chars().collect();
        let (before, after) = (if at == 0 { 0 } else { AROUND }, if at == last { 0 } else { AROUND });
        if all.len() <= before + after {
            return Piece::Same(words);
        }
        let first: String = all[..before].iter().collect();
        let end: String = all[all.len() - after..].iter().collect();
        Piece::Same(format!("{first}…{end}"))
    };
    let empty = |piece: &Piece| match piece {
        Piece::Same(words) | Piece::Gone(words) | Piece::New(words) => words.is_empty(),
    };
    pieces.into_iter().enumerate().map(clip).filter(|piece| !empty(piece)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(old: &str, new: &str) -> String {
        let piece = |piece| match piece {
            Piece::Same(words) => words,
            Piece::Gone(words) => format!("[-{words}-]"),
            Piece::New(words) => format!("[+{words}+]"),
        };
        difference(old, new).into_iter().map(piece).collect()
    }

    #[test]
    fn a_difference_shows_phrases_and_the_words_around_them() {
        assert_eq!(shown("建立远程医疗协作网", "建立互联网诊疗协作网"), "建立[-远程医-][+互联网诊+]疗协作网");
        assert_eq!(shown("", "甲"), "[+甲+]");
        assert_eq!(shown("甲", ""), "[-甲-]");
        assert_eq!(shown("甲", "甲"), "");
        assert_eq!(
            shown("每年选派教师二十名到校，开展跟岗学习", "每年选派教师三十名到校，开展跟班学习"),
            "每年选派教师[-二-][+三+]十名到校，开展跟[-岗-][+班+]学习"
        );
        let long = "甲".repeat(40);
        assert_eq!(shown(&long, &format!("{long}乙")), format!("…{}[+乙+]", "甲".repeat(AROUND)));
        // Too long to be compared letter by letter: told as one.
        let (old, new) = ("子丑".repeat(MOST), "寅卯".repeat(MOST));
        assert_eq!(difference(&old, &new), [Piece::Gone(old.clone()), Piece::New(new.clone())]);
    }
}
