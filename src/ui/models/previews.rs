//! The small pictures that lie beside LoRAs and textual inversions.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{ColorImage, Context, TextureHandle, TextureOptions};
use image::RgbImage;

use crate::ui::results::color_image;

/// How many stay in memory; 28 kB each at most.
const MOST: usize = 512;
/// How many are asked for at a time.
const AT_ONCE: usize = 16;

/// What is known of preview pictures. Textures stay only while they are drawn.
#[derive(Default)]
pub(in crate::ui) struct Previews {
    /// `None` for those that cannot be read.
    pixels: HashMap<PathBuf, Option<Arc<ColorImage>>>,
    textures: HashMap<PathBuf, (bool, TextureHandle)>,
    asked: HashSet<PathBuf>,
    missing: Vec<PathBuf>,
}

impl Previews {
    /// A preview picture to be drawn in this frame; `None` while it is being read, or if it cannot be.
    pub(super) fn get(&mut self, ctx: &Context, path: &Path) -> Option<&TextureHandle> {
        match self.pixels.get(path) {
            Some(Some(pixels)) => {
                let load = || (true, ctx.load_texture("preview", Arc::clone(pixels), TextureOptions::LINEAR));
                let (drawn, texture) = self.textures.entry(path.to_path_buf()).or_insert_with(load);
                *drawn = true;
                Some(texture)
            }
            Some(None) => None,
            None => {
                self.missing.push(path.to_path_buf());
                None
            }
        }
    }

    /// Takes what the thread that finds models read.
    pub(super) fn take(&mut self, list: Vec<(PathBuf, Option<RgbImage>)>) {
        if self.pixels.len() + list.len() > MOST {
            self.pixels.clear();
        }
        for (path, picture) in list {
            self.asked.remove(&path);
            self.pixels.insert(path, picture.map(|picture| Arc::new(color_image(&picture))));
        }
    }

    /// Frees the textures that were not drawn in this frame. Gives the pictures that must be read.
    pub(super) fn end_frame(&mut self) -> Vec<PathBuf> {
        self.textures.retain(|_, (drawn, _)| std::mem::take(drawn));
        let mut wanted = Vec::new();
        for path in std::mem::take(&mut self.missing) {
            if self.asked.len() < AT_ONCE && self.asked.insert(path.clone()) {
                wanted.push(path);
            }
        }
        wanted
    }

    /// Nothing that was asked for comes any more, as after a crash of the thread.
    pub fn lost(&mut self) {
        self.asked.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_asked_for_once_and_its_texture_freed_when_it_is_out_of_view() {
        let (ctx, mut previews) = (Context::default(), Previews::default());
        let (good, bad) = (PathBuf::from("/good.png"), PathBuf::from("/bad.png"));
        assert!(previews.get(&ctx, &good).is_none() && previews.get(&ctx, &bad).is_none());
        assert_eq!(previews.end_frame(), [good.clone(), bad.clone()]);
        assert!(previews.get(&ctx, &good).is_none());
        assert!(previews.end_frame().is_empty(), "it is on its way");
        previews.take(vec![(good.clone(), Some(RgbImage::new(8, 8))), (bad.clone(), None)]);
        assert!(previews.get(&ctx, &good).is_some() && previews.get(&ctx, &bad).is_none());
        assert!(previews.end_frame().is_empty() && previews.textures.len() == 1);
        assert!(previews.end_frame().is_empty() && previews.textures.is_empty());
        let many = (0..MOST).map(|i| (PathBuf::from(format!("/{i}")), None)).collect();
        previews.take(many);
        assert_eq!(previews.pixels.len(), MOST);
    }
}
