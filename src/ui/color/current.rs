//! The colours that are painted with.

use egui::Id;

use crate::paint::{ColorModel, Rgb};

/// The foreground colour, the one that was used before it, and the background colour.
///
/// The foreground is kept as hue, saturation and value too, so that dragging through grey does not forget the hue.
pub(in crate::ui) struct CurrentColor {
    rgb: Rgb,
    model: ColorModel,
    /// Hue in degrees, saturation and value.
    coordinates: [f32; 3],
    previous: Rgb,
    background: Rgb,
    /// The control that is changing the colour: all its changes count as one.
    changed_by: Option<Id>,
    /// Whether a colour was chosen since the window opened.
    is_touched: bool,
}

impl CurrentColor {
    pub fn new(rgb: Rgb) -> Self {
        let model = ColorModel::default();
        let coordinates = model.coordinates(rgb);
        Self { rgb, model, coordinates, previous: rgb, background: Rgb::WHITE, changed_by: None, is_touched: false }
    }

    pub fn rgb(&self) -> Rgb {
        self.rgb
    }

    pub fn background(&self) -> Rgb {
        self.background
    }

    /// The foreground colour before it was changed last.
    pub fn previous(&self) -> Rgb {
        self.previous
    }

    pub fn model(&self) -> ColorModel {
        self.model
    }

    /// Hue in degrees `0..360`, saturation and value in `0..=1`.
    pub fn coordinates(&self) -> [f32; 3] {
        self.coordinates
    }

    /// Uses this colour. The one that was used until now becomes the previous one.
    pub fn choose(&mut self, rgb: Rgb) {
        self.changed_by = None;
        if rgb != self.rgb {
            self.previous = self.rgb;
            self.is_touched = true;
            self.put(rgb);
        }
    }

    /// A control changes the colour, once or in many small steps until [`Self::finish`].
    pub fn change(&mut self, by: Id, rgb: Rgb) {
        self.begin(by);
        if rgb != self.rgb {
            self.is_touched = true;
            self.put(rgb);
        }
    }

    /// A control changes hue, saturation and value, once or in many small steps until [`Self::finish`].
    pub fn dial(&mut self, by: Id, [hue, saturation, value]: [f32; 3]) {
        self.begin(by);
        // A full turn is the first hue again; the marker stays where it is.
        self.coordinates = [hue.clamp(0.0, 359.9), saturation.clamp(0.0, 1.0), value.clamp(0.0, 1.0)];
        self.rgb = self.model.color(self.coordinates);
        self.is_touched = true;
    }

    fn begin(&mut self, by: Id) {
        if self.changed_by != Some(by) {
            self.changed_by = Some(by);
            self.previous = self.rgb;
        }
    }

    /// The next change of any control is a new one.
    pub fn finish(&mut self) {
        self.changed_by = None;
    }

    /// Lets foreground and background change places.
    pub fn swap(&mut self) {
        let background = std::mem::replace(&mut self.background, self.rgb);
        self.choose(background);
    }

    /// Black on white.
    pub fn reset(&mut self) {
        self.background = Rgb::WHITE;
        self.choose(Rgb::BLACK);
    }

    pub fn use_background(&mut self, rgb: Rgb) {
        self.background = rgb;
        self.is_touched = true;
    }

    /// Takes over the colours of an earlier launch, unless one was chosen since.
    pub fn restore(&mut self, foreground: Option<Rgb>, background: Option<Rgb>) {
        if self.is_touched {
            return;
        }
        self.background = background.unwrap_or(self.background);
        if let Some(foreground) = foreground {
            self.put(foreground);
            self.previous = foreground;
        }
    }

    /// Dials colours by this measure from now on.
    pub fn use_model(&mut self, model: ColorModel) {
        self.model = model;
        self.put(self.rgb);
    }

    fn put(&mut self, rgb: Rgb) {
        let [old_hue, old_saturation, _] = self.coordinates;
        let [hue, saturation, value] = self.model.coordinates(rgb);
        // Greys have no hue, and black has no saturation: the dials stay where they are.
        let saturation = if value == 0.0 { old_saturation } else { saturation };
        let [r, g, b] = rgb.0;
        let hue = if r == g && g == b { old_hue } else { hue };
        self.rgb = rgb;
        self.coordinates = [hue, saturation.min(1.0), value];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GREEN: Rgb = Rgb([0, 200, 0]);

    #[test]
    fn the_hue_survives_a_drag_through_grey_and_black() {
        for model in ColorModel::ALL.map(|(model, _)| model) {
            let mut current = CurrentColor::new(GREEN);
            current.use_model(model);
            let id = Id::unique("test");
            let [hue, saturation, value] = current.coordinates();
            for grey in [[hue, 0.0, value], [hue, saturation, 0.0], [hue, 0.0, 0.0], [hue, saturation, value]] {
                current.dial(id, grey);
            }
            assert_eq!(current.rgb(), GREEN);
            current.choose(Rgb([90; 3]));
            assert_eq!(current.coordinates()[0], hue, "a chosen grey keeps it too");
            current.choose(Rgb::BLACK);
            assert_eq!(current.coordinates()[0], hue);
        }
    }

    #[test]
    fn the_previous_colour_is_that_before_the_whole_drag() {
        let mut current = CurrentColor::new(GREEN);
        let (one, other) = (Id::unique("one"), Id::unique("other"));
        for value in [0.5, 0.4, 0.3] {
            current.dial(one, [120.0, 1.0, value]);
        }
        assert_eq!(current.previous(), GREEN);
        let dark = current.rgb();
        current.finish();
        current.dial(one, [120.0, 1.0, 0.2]);
        assert_eq!(current.previous(), dark);
        let darker = current.rgb();
        current.change(other, Rgb::WHITE);
        assert_eq!(current.previous(), darker, "another control");
        current.choose(current.previous());
        assert_eq!((current.rgb(), current.previous()), (darker, Rgb::WHITE));
        current.choose(darker);
        assert_eq!(current.previous(), Rgb::WHITE, "nothing changed");
    }

    #[test]
    fn foreground_and_background_change_places() {
        let mut current = CurrentColor::new(GREEN);
        current.swap();
        assert_eq!((current.rgb(), current.background()), (Rgb::WHITE, GREEN));
        current.swap();
        assert_eq!((current.rgb(), current.background()), (GREEN, Rgb::WHITE));
        current.use_background(GREEN);
        current.restore(Some(GREEN), Some(GREEN));
        assert_eq!(current.rgb(), GREEN, "what was chosen counts");
        current.reset();
        assert_eq!((current.rgb(), current.background(), current.previous()), (Rgb::BLACK, Rgb::WHITE, GREEN));
    }
}
