//! Layers with prompts of their own: the parts of the picture that they cover.

use image::{GrayImage, Luma};

use super::painted::fitted_levels;
use super::{Document, EditKind};
use crate::engine::{Mask, RegionPrompt};
use crate::paint::{Layer, LayerError, LayerId, PixelRect, Surface};
use crate::picture::Fit;

impl Document {
    /// The prompt of the region that a layer covers; empty for a layer without one.
    pub fn region_prompt(&self, layer: LayerId) -> &str {
        let region = self.settings().regions.iter().find(|region| region.layer == Some(layer.0));
        region.map_or("", |region| &region.prompt)
    }

    /// Gives the region that a layer covers this prompt; an empty one takes it away.
    pub fn set_region_prompt(&mut self, layer: LayerId, prompt: &str) {
        let mut settings = self.settings_mut();
        let regions = &mut settings.regions;
        match regions.iter_mut().find(|region| region.layer == Some(layer.0)) {
            Some(region) => prompt.clone_into(&mut region.prompt),
            None => regions.push(RegionPrompt { prompt: prompt.to_owned(), layer: Some(layer.0) }),
        }
        regions.retain(|region| !region.prompt.is_empty());
    }

    /// Adds a hidden layer that covers what this mask shows, stretched to the canvas, and gives its region this prompt. The
    /// current layer stays the current one.
    ///
    /// # Errors
    /// If there are too many layers.
    pub fn add_region(&mut self, prompt: &str, mask: &Mask) -> Result<(), LayerError> {
        /// The grey of the layer's paint, for whoever shows it.
        const GREY: u8 = 128;
        let current = self.layers().current();
        let (width, height) = (self.canvas().width(), self.canvas().height());
        let levels = fitted_levels(mask.picture(), width as u32, height as u32, Fit::Stretch);
        let rgba: Vec<u8> = levels.iter().flat_map(|level| [GREY, GREY, GREY, *level]).collect();
        // The bytes have the size of the canvas.
        let surface = Surface::from_rgba(width, height, &rgba).unwrap_or_else(|_| Surface::new(self.canvas().size()));
        let name = format!("Region: {prompt}");
        self.end_stroke();
        let edit = self.layers.add_hidden(&name, surface);
        self.edit_layers(EditKind::AddLayer, edit)?;
        self.set_region_prompt(self.layers().current(), prompt);
        self.choose_layer(current);
        Ok(())
    }

    /// The regions of the next round, and how far each layer covers the picture, in the size of the next results. Layers that
    /// are not there any more, and prompts of spaces, are left out. A hidden layer counts too: it need not be part of the
    /// picture.
    pub fn regions_at_result_size(&self) -> (Vec<RegionPrompt>, Vec<Mask>) {
        let (width, height) = self.next_result_size();
        let mask = |region: &RegionPrompt| {
            let layer = self.layers().get(LayerId(region.layer?))?;
            let covered = self.framed_levels(&self.covered_by(layer));
            let levels = fitted_levels(&covered, width, height, self.start_fit());
            (!region.prompt.trim().is_empty()).then(|| (region.clone(), Mask::from_levels(levels)))
        };
        self.settings().regions.iter().filter_map(mask).unzip()
    }

    /// The alpha of a layer, or of the visible layers of a group together, on the whole canvas.
    fn covered_by(&self, layer: &Layer) -> GrayImage {
        let (width, height) = (self.canvas().width(), self.canvas().height());
        let Some(surface) = layer.surface() else {
            let mut all = GrayImage::new(width as u32, height as u32);
            for child in layer.children().iter().filter(|child| child.properties.visible) {
                for (level, more) in all.iter_mut().zip(self.covered_by(child).iter()) {
                    let open = u32::from(255 - *level) * u32::from(255 - more);
                    *level = 255 - (open / 255) as u8;
                }
            }
            return faded(all, layer);
        };
        let pixels = surface.copy_rect(PixelRect::whole(width, height));
        let alpha = GrayImage::from_fn(width as u32, height as u32, |x, y| {
            Luma([pixels.get(y as usize * width + x as usize).map_or(0, |pixel| pixel[3])])
        });
        faded(alpha, layer)
    }
}

/// Levels times the opacity of a layer.
fn faded(mut levels: GrayImage, layer: &Layer) -> GrayImage {
    let opacity = u32::from(layer.properties.opacity_level());
    levels.iter_mut().for_each(|level| *level = ((u32::from(*level) * opacity + 127) / 255) as u8);
    levels
}

#[cfg(test)]
mod tests {
    use super::super::tests::{document, dot};
    use super::*;

    #[test]
    fn a_layer_with_a_prompt_is_a_region_and_the_round_remembers_it() {
        let mut document = document();
        (document.settings_mut().width, document.settings_mut().height) = (128, 128);
        document.add_layer().expect("adds");
        dot(&mut document, 16.0, 16.0);
        let layer = document.layers().current();
        assert_eq!(document.region_prompt(layer), "");
        document.set_region_prompt(layer, "a pear");
        assert_eq!(document.region_prompt(layer), "a pear");
        let (regions, masks) = document.regions_at_result_size();
        assert_eq!(regions, [RegionPrompt { prompt: "a pear".into(), layer: Some(layer.0) }]);
        assert_eq!(masks[0].size(), (128, 128));
        assert!(masks[0].is_painted(32, 32) && !masks[0].is_painted(64, 64));
        let (round, _) = document.begin_round(5, "m".into());
        let round = document.rounds().get(round).expect("a round");
        assert_eq!((&round.settings.regions, &round.plan.regions), (&regions, &masks));
        // Half as opaque, half as much.
        let mut properties = document.layers().get(layer).expect("the layer").properties.clone();
        properties.opacity = 0.5;
        document.set_layer(layer, properties).expect("changes");
        let half = document.regions_at_result_size().1[0].picture().get_pixel(32, 32).0[0];
        assert!((126..=129).contains(&half), "{half}");
        // Without the layer there is no region; its prompt comes back with it.
        document.delete_layer(layer).expect("deletes");
        assert_eq!(document.regions_at_result_size().0, []);
        document.undo();
        assert_eq!(document.regions_at_result_size().0, regions);
        document.set_region_prompt(layer, "");
        assert_eq!(document.settings().regions, []);
    }

    #[test]
    fn a_region_that_is_added_lies_where_its_mask_says_and_is_not_seen() {
        let mut document = document();
        let (width, height) = (document.canvas().width() as u32, document.canvas().height() as u32);
        (document.settings_mut().width, document.settings_mut().height) = (width as usize, height as usize);
        let before = (document.picture(), document.layers().current());
        let mask = Mask::from_levels(GrayImage::from_fn(width, height, |x, y| Luma([if y < 9 { x as u8 } else { 0 }])));
        document.add_region("a pear", &mask).expect("adds");
        document.add_region("a plum", &Mask::from_fn(8, 8, |x, _| x < 4)).expect("adds");
        assert_eq!((document.picture(), document.layers().current()), before);
        let (regions, masks) = document.regions_at_result_size();
        let prompts: Vec<&str> = regions.iter().map(|region| region.prompt.as_str()).collect();
        assert_eq!((prompts, &masks[0]), (vec!["a pear", "a plum"], &mask));
        assert!(masks[1].is_painted(width / 4, 3) && !masks[1].is_painted(3 * width / 4, 3));
        document.undo();
        document.undo();
        assert_eq!(document.regions_at_result_size().0, []);
    }
}
