//! The small pictures of the history.
//!
//! The file thread reads them from the document's file. Pixels of the latest [`MOST`] stay in memory, 100 kB each at
//! most; textures only of those that were drawn in the last frame.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use egui::{ColorImage, Context, TextureHandle, TextureOptions};
use image::RgbImage;

use crate::document::{ResultId, ResultImage, Rounds};
use crate::ui::results::color_image;

/// How many stay in memory; together at most 25 MiB.
const MOST: usize = 256;

/// How many are asked for at a time. Those that are scrolled past meanwhile are not asked for at all.
const AT_ONCE: usize = 24;

/// What is known of thumbnails.
#[derive(Default)]
pub(in crate::ui) struct Thumbnails {
    frame: u64,
    pixels: HashMap<ResultId, (u64, Arc<ColorImage>)>,
    textures: HashMap<ResultId, (u64, TextureHandle)>,
    unreadable: HashSet<ResultId>,
    /// Those that the file thread was asked for.
    asked: HashSet<ResultId>,
    /// Those that this frame would have drawn.
    missing: Vec<ResultId>,
}

/// A thumbnail, or why there is none.
pub(super) enum Thumbnail<'a> {
    /// It can be drawn.
    Ready(&'a TextureHandle),
    /// It is on its way.
    Coming,
    /// It cannot be read.
    Unreadable,
}

impl Thumbnails {
    /// A thumbnail to be drawn in this frame.
    pub(super) fn get(&mut self, ctx: &Context, id: ResultId) -> Thumbnail<'_> {
        if self.unreadable.contains(&id) {
            return Thumbnail::Unreadable;
        }
        if let Some((used, pixels)) = self.pixels.get_mut(&id) {
            *used = self.frame;
            let (drawn, texture) = self
                .textures
                .entry(id)
                .or_insert_with(|| (0, ctx.load_texture("thumbnail", Arc::clone(pixels), TextureOptions::LINEAR)));
            *drawn = self.frame;
            return Thumbnail::Ready(texture);
        }
        self.missing.push(id);
        Thumbnail::Coming
    }

    /// Takes what the file thread read.
    pub fn read(&mut self, list: Vec<(ResultId, Option<RgbImage>)>) {
        for (id, picture) in list {
            self.asked.remove(&id);
            match picture {
                Some(picture) => {
                    self.pixels.insert(id, (self.frame, Arc::new(color_image(&picture))));
                }
                None => {
                    self.unreadable.insert(id);
                }
            }
        }
        while self.pixels.len() > MOST {
            let oldest = self.pixels.iter().min_by_key(|(_, (used, _))| *used).map(|(id, _)| *id);
            let Some(oldest) = oldest else { break };
            self.pixels.remove(&oldest);
        }
    }

    /// Nothing that was asked for comes any more, as after a crash of the file thread.
    pub fn lost(&mut self) {
        self.asked.clear();
    }

    /// Frees the textures that were not drawn in this frame. Returns what the file thread must read.
    pub(super) fn end_frame(&mut self, rounds: &Rounds) -> Vec<(ResultId, ResultImage)> {
        let frame = self.frame;
        self.textures.retain(|_, (drawn, _)| *drawn == frame);
        self.frame += 1;
        let mut list = Vec::new();
        for id in std::mem::take(&mut self.missing) {
            if self.asked.len() >= AT_ONCE {
                break;
            }
            if let Some(result) = rounds.result(id)
                && self.asked.insert(id)
            {
                list.push((id, result.image.clone()));
            }
        }
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::engine::{Recipe, Settings};
    use crate::paint::{Rgb, Size};

    fn document(results: usize) -> (Document, Vec<ResultId>) {
        let settings = Settings { batch: results, ..Settings::default() };
        let mut document = Document::new(Size::DEFAULT, Rgb::WHITE, settings.clone());
        let (round, _) = document.begin_round(1, "m".into());
        let recipe = Arc::new(Recipe { settings, seed: 1, model: "m".into(), from_picture: true, ..Recipe::default() });
        let ids: Vec<ResultId> = (0..results).map(|image| ResultId { round, image }).collect();
        for id in &ids {
            document.rounds_mut().finished(*id, Arc::new(RgbImage::new(8, 8)), Arc::clone(&recipe));
        }
        (document, ids)
    }

    #[test]
    fn each_is_asked_for_once_and_its_texture_freed_when_it_is_out_of_view() {
        let (document, ids) = document(3);
        let (ctx, mut thumbnails) = (Context::default(), Thumbnails::default());
        let draw = |thumbnails: &mut Thumbnails, drawn: &[ResultId]| {
            for id in drawn {
                thumbnails.get(&ctx, *id);
            }
            thumbnails.end_frame(document.rounds()).into_iter().map(|(id, _)| id).collect::<Vec<_>>()
        };
        assert_eq!(draw(&mut thumbnails, &ids[..2]), ids[..2]);
        assert_eq!(draw(&mut thumbnails, &ids[..2]), [], "they are on their way");
        thumbnails.read(vec![(ids[0], Some(RgbImage::new(8, 8))), (ids[1], None)]);
        assert_eq!(draw(&mut thumbnails, &ids[..2]), []);
        assert!(matches!(thumbnails.get(&ctx, ids[0]), Thumbnail::Ready(_)));
        assert!(matches!(thumbnails.get(&ctx, ids[1]), Thumbnail::Unreadable));
        assert_eq!((thumbnails.textures.len(), thumbnails.pixels.len()), (1, 1));
        thumbnails.end_frame(document.rounds());
        assert_eq!(draw(&mut thumbnails, &ids[2..]), ids[2..]);
        assert_eq!((thumbnails.textures.len(), thumbnails.pixels.len()), (0, 1), "the pixels stay for a while");
        thumbnails.lost();
        assert_eq!(draw(&mut thumbnails, &ids[2..]), ids[2..], "asked for again after a crash");
    }

    #[test]
    fn only_a_few_are_asked_for_at_a_time_and_a_bounded_number_is_kept() {
        let (document, ids) = document(MOST + 20);
        let (ctx, mut thumbnails) = (Context::default(), Thumbnails::default());
        for id in &ids {
            thumbnails.get(&ctx, *id);
        }
        assert_eq!(thumbnails.end_frame(document.rounds()).len(), AT_ONCE);
        for (frame, id) in ids.iter().enumerate() {
            thumbnails.frame = frame as u64;
            thumbnails.read(vec![(*id, Some(RgbImage::new(8, 8)))]);
        }
        assert_eq!(thumbnails.pixels.len(), MOST);
        assert!(!thumbnails.pixels.contains_key(&ids[0]) && thumbnails.pixels.contains_key(&ids[MOST]));
    }
}
