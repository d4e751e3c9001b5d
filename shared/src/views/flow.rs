//! The board as a flow on one page: phases side by side, steps below each other (S38).

use super::ledger::light;
use super::picture::{PAGE_HEIGHT, PAGE_WIDTH, Picture};
use crate::id::ItemId;
use crate::rule::Scene;

const MARGIN: f64 = 40.0;
const HEAD: f64 = 90.0;
const GAP: f64 = 14.0;

/// An SVG page of the board's sections with their items in their order, joined by arrows.
#[must_use]
pub fn flow(scene: &Scene<'_>) -> String {
    let phases: Vec<(String, Vec<ItemId>)> = scene
        .board
        .section_order()
        .into_iter()
        .map(|id| {
            let section = &scene.board.sections[&id];
            let title = [section.number.as_str(), section.title.as_str()];
            let title = title.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
            let in_use = |item: &ItemId| scene.standing(*item).is_none_or(|standing| !standing.retired);
            (title, scene.board.items_of(id).into_iter().filter(in_use).collect::<Vec<_>>())
        })
        .filter(|(_, items)| !items.is_empty())
        .collect();
    let mut picture = Picture::new(&scene.board.title);
    picture.text(MARGIN, 46.0, 26.0, "start", "#000000", &scene.board.title);
    #[allow(clippy::cast_precision_loss, reason = "a handful of phases and steps")]
    let (count, deepest) = (
        phases.len().max(1) as f64,
        phases.iter().map(|(_, items)| items.len()).max().unwrap_or(1).max(1) as f64,
    );
    let width = (PAGE_WIDTH - 2.0 * MARGIN - GAP * 2.0 * (count - 1.0)) / count;
    let height = ((PAGE_HEIGHT - HEAD - 2.0 * MARGIN) / deepest - GAP).clamp(6.0, 64.0);
    let mut last: Option<(f64, f64)> = None;
    let mut left = MARGIN;
    for (title, items) in phases {
        picture.text(left + width / 2.0, HEAD, 18.0, "middle", "#000000", &title);
        let mut top = HEAD + 18.0;
        for (index, item) in items.into_iter().enumerate() {
            let light = light(scene, item);
            let colour = light.map_or("#57606a", super::Light::colour);
            picture.frame(left, top, width, height, colour);
            let mark = light.map(|light| format!("{} ", light.shape())).unwrap_or_default();
            let number = scene.words(item, "number");
            let words = format!("{mark}{number} {}", scene.words(item, "title"));
            picture.words(
                left + 10.0,
                top,
                width - 20.0,
                height,
                (height * 0.3).clamp(6.0, 15.0),
                words.trim(),
            );
            match last {
                Some((_, bottom)) if index > 0 => {
                    picture.arrow((left + width / 2.0, bottom), (left + width / 2.0, top));
                }
                Some((x, _)) => picture.arrow((x, HEAD + 18.0 + height / 2.0), (left, top + height / 2.0)),
                None => {}
            }
            last = Some((left + width, top + height));
            top += height + GAP;
        }
        left += width + 2.0 * GAP;
    }
    picture.finish()
}
