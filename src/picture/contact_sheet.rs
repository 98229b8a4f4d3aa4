//! The results of one round as one picture, with what made them.

use image::RgbImage;
use image::imageops::{self, FilterType};

use super::{Label, LabelStyle, Lettering};
use crate::engine::Recipe;

/// The longest side of a picture on the sheet in pixels; a smaller one is not enlarged.
const PICTURE_SIDE: u32 = 512;
/// The space around everything, in pixels.
const MARGIN: u32 = 28;
/// The space between pictures, in pixels.
const GAP: u32 = 16;
/// The least width of the text above the pictures, in pixels.
const LEAST_WIDTH: u32 = 560;
/// The least width of a picture's place in pixels: a seed fits below it.
const LEAST_CELL: u32 = 150;
/// The most lines of a prompt.
const PROMPT_LINES: usize = 12;

/// A space at which no line is broken.
const NO_BREAK: &str = "\u{a0}";

const PAPER: [u8; 3] = [255; 3];
const INK: [u8; 3] = [24, 26, 28];
const QUIET: [u8; 3] = [96, 100, 106];

/// One picture of a contact sheet.
pub struct ContactPicture {
    /// The pixels.
    pub picture: RgbImage,
    /// What made it.
    pub recipe: Recipe,
    /// Its place in the batch, from 0.
    pub image: usize,
}

/// Draws the pictures of one round in rows, with the prompt and the settings above them and the seed below each.
/// `title` stands at the top. Without pictures the sheet holds the title alone.
pub fn contact_sheet(title: &str, pictures: &[ContactPicture]) -> RgbImage {
    let mut lettering = Lettering::new();
    let shown: Vec<RgbImage> = pictures.iter().map(|one| reduced(&one.picture)).collect();
    let cell_width = shown.iter().map(|picture| picture.width().max(LEAST_CELL)).max().unwrap_or(0);
    let cell_height = shown.iter().map(RgbImage::height).max().unwrap_or(0);
    let columns = columns(shown.len()) as u32;
    let inner = (columns * cell_width + columns.saturating_sub(1) * GAP).max(LEAST_WIDTH);
    let mut text = |text: &str, size: f32, color: [u8; 3], width: u32, most_lines: usize| {
        lettering.label(text, LabelStyle { size, color, width, most_lines })
    };
    let mut head = vec![text(title, 20.0, INK, inner, 2)];
    if let Some(first) = pictures.first() {
        head.push(text(&one_line(&first.recipe.settings.prompt), 16.0, INK, inner, PROMPT_LINES));
        let negative = one_line(&first.recipe.settings.negative);
        if !negative.is_empty() {
            head.push(text(&format!("Negative prompt: {negative}"), 14.0, QUIET, inner, PROMPT_LINES));
        }
        head.push(text(&settings_line(&first.recipe), 14.0, QUIET, inner, 4));
    }
    let captions: Vec<Label> = pictures.iter().map(|one| text(&caption(one), 14.0, INK, cell_width, 3)).collect();
    let caption_height = captions.iter().map(Label::height).max().unwrap_or(0);
    let head_height: u32 = head.iter().map(|label| label.height() + 8).sum();
    let rows = (shown.len() as u32).div_ceil(columns.max(1));
    let row_height = cell_height + 6 + caption_height + GAP;
    let height = MARGIN + head_height + GAP + rows * row_height + MARGIN - GAP.min(MARGIN);
    let mut sheet = RgbImage::from_pixel(inner + 2 * MARGIN, height, image::Rgb(PAPER));
    let mut y = MARGIN;
    for label in &head {
        lettering.draw(label, &mut sheet, (MARGIN, y));
        y += label.height() + 8;
    }
    y += GAP;
    for (at, (picture, caption)) in shown.iter().zip(&captions).enumerate() {
        let (column, row) = (at as u32 % columns.max(1), at as u32 / columns.max(1));
        let (left, top) = (MARGIN + column * (cell_width + GAP), y + row * row_height);
        imageops::replace(&mut sheet, picture, i64::from(left), i64::from(top));
        lettering.draw(caption, &mut sheet, (left, top + picture.height() + 6));
    }
    sheet
}

/// How many pictures lie beside each other.
fn columns(count: usize) -> usize {
    match count {
        0..=3 => count.max(1),
        // As square as possible: 2 for 4, 3 for 5 to 9, 4 up to 16.
        _ => (1..=count).find(|side| side * side >= count).unwrap_or(count),
    }
}

fn reduced(picture: &RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    let longest = width.max(height);
    if longest <= PICTURE_SIDE {
        return picture.clone();
    }
    let side = |side: u32| ((u64::from(side) * u64::from(PICTURE_SIDE) / u64::from(longest)) as u32).max(1);
    imageops::resize(picture, side(width), side(height), FilterType::CatmullRom)
}

/// The settings that all pictures of the round share.
fn settings_line(recipe: &Recipe) -> String {
    let s = &recipe.settings;
    let mut parts = vec![
        format!("Steps {}", s.steps),
        format!("{}, {}", s.sampler.label(), s.schedule.label()),
        format!("CFG scale {}", s.cfg_scale),
    ];
    if recipe.from_picture {
        parts.push(format!("Denoising strength {}", s.strength));
    }
    parts.push(format!("{} × {}", s.width, s.height));
    parts.push(format!("Model {}", recipe.model));
    // Lines are broken between settings and not inside one.
    parts.iter().map(|part| part.replace(' ', NO_BREAK)).collect::<Vec<_>>().join("  ·  ")
}

fn caption(one: &ContactPicture) -> String {
    let number = one.image.saturating_add(1);
    let s = &one.recipe.settings;
    match s.variation_strength > 0.0 {
        false => format!("{number}  ·  Seed {}", one.recipe.seed),
        true => format!("{number}  ·  Seed {}, variation {}", one.recipe.seed, s.variation_seed),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Settings;

    fn picture(side: (u32, u32), image: usize, prompt: &str) -> ContactPicture {
        let settings = Settings { prompt: prompt.into(), ..Settings::default() };
        let recipe = Recipe { settings, seed: image as u64, model: "m".into(), ..Recipe::default() };
        ContactPicture { picture: RgbImage::from_pixel(side.0, side.1, image::Rgb([200, 0, 0])), recipe, image }
    }

    fn sheet(count: usize, side: (u32, u32), prompt: &str) -> RgbImage {
        let pictures: Vec<ContactPicture> = (0..count).map(|image| picture(side, image, prompt)).collect();
        contact_sheet("Round 3", &pictures)
    }

    fn reds(sheet: &RgbImage) -> u64 {
        sheet.pixels().filter(|pixel| pixel.0 == [200, 0, 0]).count() as u64
    }

    #[test]
    fn every_picture_is_there_whole_and_nothing_lies_over_it() {
        for (count, side) in [(1, (64, 64)), (3, (300, 100)), (4, (256, 256)), (9, (100, 200)), (16, (64, 72))] {
            let sheet = sheet(count, side, "a green apple");
            assert_eq!(reds(&sheet), count as u64 * u64::from(side.0 * side.1), "{count} of {side:?}");
        }
        assert_eq!(reds(&sheet(2, (1024, 512), "x")), 2 * 512 * 256, "large ones are reduced");
        assert!(sheet(0, (1, 1), "").width() > 0);
    }

    #[test]
    fn a_long_prompt_makes_the_sheet_higher_up_to_a_limit() {
        let height = |words: usize| sheet(4, (128, 128), &"green apple ".repeat(words)).height();
        assert!(height(1) < height(30) && height(30) < height(100));
        assert_eq!(height(5_000), height(50_000));
    }

    #[test]
    fn the_line_of_settings_is_broken_between_settings_only() {
        let text = settings_line(&picture((8, 8), 0, "x").recipe);
        let mut lettering = Lettering::new();
        for width in (200..900).step_by(7) {
            let label = lettering.label(&text, LabelStyle { size: 14.0, color: INK, width, most_lines: 9 });
            for line in label.texts() {
                let line = line.trim_matches([' ', '·']).replace(NO_BREAK, " ");
                let begins = ["Steps 20", "DPM++ 2M, Karras", "CFG scale 11", "512 × 512", "Model m"];
                assert!(line.is_empty() || begins.iter().any(|part| line.starts_with(part)), "{line:?} at {width}");
            }
        }
    }

    #[test]
    fn pictures_lie_in_a_square() {
        assert_eq!([1, 2, 3, 4, 5, 9, 10, 16].map(columns), [1, 2, 3, 2, 3, 3, 4, 4]);
        let text = settings_line(&picture((8, 8), 0, "x").recipe);
        assert_eq!(
            text.replace(NO_BREAK, " "),
            "Steps 20  ·  DPM++ 2M, Karras  ·  CFG scale 11  ·  512 × 512  ·  Model m"
        );
    }
}
