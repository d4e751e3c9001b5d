//! Files that a person takes along: tables and pictures of a board.

use crate::browser;
use crate::office;
use crate::session::Session;
use tongban_shared::id::BoardId;
use tongban_shared::office::{Answer, Job, told_lines};
use tongban_shared::views;
use tongban_shared::words::Lang;

/// A name for a file of a board: its title and the day, without signs that file systems refuse.
pub fn name(session: Session, id: BoardId, ending: &str) -> String {
    let title = session.look(id, |scene| scene.board.title.clone()).unwrap_or_default();
    let title: String = title
        .chars()
        .map(|c| if "\\/:*?\"<>|".contains(c) || c.is_control() { '_' } else { c })
        .take(60)
        .collect();
    format!("{title} {}.{ending}", browser::today())
}

/// Gives a table to the person as a `.csv` file.
pub fn save_csv(session: Session, id: BoardId, rows: &[Vec<String>]) {
    give(session, &name(session, id, "csv"), views::to_csv(rows).as_bytes());
}

/// Has an office file made by the worker and gives it to the person; no network is needed. Words that the
/// file cannot hold are told.
pub fn save_office(session: Session, lang: Lang, name: String, job: Job) {
    leptos::task::spawn_local(async move {
        match office::run(&job, &[]).await {
            Ok((answer, bytes)) => {
                give(session, &name, &bytes);
                if let Answer::File { told } = answer
                    && !told.is_empty()
                {
                    session.notice(&told_lines(&told, lang).join("；"));
                }
            }
            Err(problem) => session.notice(&problem),
        }
    });
}

/// Gives bytes to the person; says when the browser refuses.
pub fn give(session: Session, name: &str, bytes: &[u8]) {
    if browser::download(name, bytes).is_err() {
        session.notice("浏览器不允许保存文件");
    }
}

/// Draws pages as pictures, one file each, at twice the size of a screen.
pub fn save_png(session: Session, id: BoardId, pages: Vec<String>) {
    leptos::task::spawn_local(async move {
        for (number, page) in pages.iter().enumerate() {
            let ending = format!("{}.png", number + 1);
            match browser::png_of_svg(page, views::PAGE_WIDTH, views::PAGE_HEIGHT).await {
                Ok(bytes) => give(session, &name(session, id, &ending), &bytes),
                Err(_) => return session.notice("浏览器无法生成图片"),
            }
        }
    });
}

/// Prints pages on A3, one a sheet.
pub fn print(pages: Vec<String>) {
    if browser::print_pages(&pages).is_err() {
        leptos::logging::warn!("printing was refused");
    }
}
