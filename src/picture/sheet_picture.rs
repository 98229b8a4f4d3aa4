//! The pictures of a sheet as one picture, with the values of its settings at the edges.

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

use super::{Label, LabelStyle, Lettering};
use crate::engine::{Sheet, SheetAxis};

/// The longest side of the pictures together, in pixels; larger ones are made smaller.
const MOST: u32 = 8192;

/// How wide a label beside a row, or the name of a setting, is at most, in pixels.
const WIDEST_ROW_LABEL: u32 = 600;

/// The room between pictures, in pixels.
const GAP: u32 = 6;

const BACKGROUND: Rgb<u8> = Rgb([255; 3]);
/// Where a picture is missing.
const MISSING: Rgb<u8> = Rgb([224; 3]);
const INK: [u8; 3] = [20; 3];

/// A labelled sheet, to which its pictures are added one by one.
pub struct SheetPicture {
    sheet: Sheet,
    picture: RgbImage,
    /// Width and height of each picture on the sheet.
    cell: (u32, u32),
    /// Where the first picture begins.
    origin: (u32, u32),
}

impl SheetPicture {
    /// A sheet without its pictures, which have `size` pixels. They are made smaller where the whole would be too
    /// large.
    pub fn new(sheet: Sheet, size: (u32, u32)) -> Self {
        let across = sheet.columns().count() as u32;
        let down = sheet.rows().map_or(1, SheetAxis::count) as u32;
        let share = |side: u32, count: u32| f64::from(MOST) / f64::from(count.max(1)) / f64::from(side.max(1));
        let scale = share(size.0, across).min(share(size.1, down)).min(1.0);
        let scaled = |side: u32| ((f64::from(side) * scale) as u32).max(1);
        let cell = (scaled(size.0), scaled(size.1));
        let mut lettering = Lettering::new();
        let height = (cell.0 as f32 / 14.0).clamp(11.0, 42.0);
        let columns = AxisLabels::new(&mut lettering, sheet.columns(), height, cell.0);
        let rows = sheet.rows().map(|rows| AxisLabels::new(&mut lettering, rows, height, WIDEST_ROW_LABEL));
        // The names of the settings stand above their values.
        let origin = (
            rows.as_ref().map_or(GAP, |rows| rows.width() + 3 * GAP),
            columns.name.height() + columns.height() + 2 * GAP,
        );
        let width = origin.0 + across * (cell.0 + GAP);
        let height = origin.1 + down * (cell.1 + GAP);
        let mut whole = Self { sheet, picture: RgbImage::from_pixel(width, height, BACKGROUND), cell, origin };
        whole.write(&lettering, &columns, rows.as_ref());
        for place in 0..whole.sheet.cells() {
            whole.put_scaled(place, &RgbImage::from_pixel(cell.0, cell.1, MISSING));
        }
        whole
    }

    /// Puts a picture in its place; of one that does not exist nothing is seen.
    pub fn put(&mut self, place: usize, picture: &RgbImage) {
        if picture.dimensions() == self.cell {
            self.put_scaled(place, picture);
        } else {
            self.put_scaled(place, &imageops::resize(picture, self.cell.0, self.cell.1, FilterType::CatmullRom));
        }
    }

    /// The sheet as it is now.
    pub fn finish(self) -> RgbImage {
        self.picture
    }

    fn put_scaled(&mut self, place: usize, picture: &RgbImage) {
        if place < self.sheet.cells() {
            let (x, y) = self.corner(place);
            imageops::replace(&mut self.picture, picture, i64::from(x), i64::from(y));
        }
    }

    /// The left top corner of a picture.
    fn corner(&self, place: usize) -> (u32, u32) {
        let (column, row) = self.sheet.place(place);
        let along = |start: u32, at: usize, side: u32| start + at as u32 * (side + GAP);
        (along(self.origin.0, column, self.cell.0), along(self.origin.1, row, self.cell.1))
    }

    /// Writes names and values at the edges.
    fn write(&mut self, lettering: &Lettering, columns: &AxisLabels, rows: Option<&AxisLabels>) {
        let (left, top) = self.origin;
        let mut draw = |label: &Label, x: u32, y: u32| lettering.draw(label, &mut self.picture, (x, y));
        draw(&columns.name, left, GAP / 2);
        for (place, value) in columns.values.iter().enumerate() {
            let column = left + place as u32 * (self.cell.0 + GAP);
            let x = column + self.cell.0.saturating_sub(value.width()) / 2;
            draw(value, x, GAP + columns.name.height());
        }
        let Some(rows) = rows else { return };
        draw(&rows.name, GAP, GAP / 2);
        for (place, value) in rows.values.iter().enumerate() {
            let row = top + place as u32 * (self.cell.1 + GAP);
            draw(value, GAP, row + self.cell.1.saturating_sub(value.height()) / 2);
        }
    }
}

/// What is written at one edge.
struct AxisLabels {
    name: Label,
    values: Vec<Label>,
}

impl AxisLabels {
    /// Letters of this height and values of at most this width, in pixels.
    fn new(lettering: &mut Lettering, axis: &SheetAxis, size: f32, width: u32) -> Self {
        let mut label =
            |text: &str, width| lettering.label(text, LabelStyle { size, color: INK, width, most_lines: 1 });
        let name = label(axis.setting().label(), WIDEST_ROW_LABEL);
        Self { name, values: (0..axis.count()).map(|place| label(&axis.value(place), width)).collect() }
    }

    /// The width of the widest label in pixels.
    fn width(&self) -> u32 {
        self.values.iter().chain([&self.name]).map(Label::width).max().unwrap_or(0)
    }

    /// The height of the highest value in pixels.
    fn height(&self) -> u32 {
        self.values.iter().map(Label::height).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Sheet {
        let rows = SheetAxis::CfgScale(vec![7.0, 11.0]);
        Sheet::new(SheetAxis::Strength(vec![0.4, 0.6, 0.8]), Some(rows)).expect("a sheet")
    }

    #[test]
    fn each_picture_lies_in_its_place_and_labels_stand_at_the_edges() {
        let mut whole = SheetPicture::new(sheet(), (64, 32));
        let empty = SheetPicture::new(sheet(), (64, 32));
        for place in 0..6 {
            whole.put(place, &RgbImage::from_pixel(64, 32, Rgb([place as u8; 3])));
        }
        whole.put(6, &RgbImage::new(64, 32));
        for place in 0..6 {
            let (x, y) = whole.corner(place);
            assert_eq!(whole.picture.get_pixel(x + 63, y + 31).0, [place as u8; 3]);
            assert_eq!(*empty.picture.get_pixel(x + 63, y + 31), MISSING);
        }
        let origin = whole.origin;
        assert!(whole.corner(1).0 > whole.corner(0).0 && whole.corner(3).1 > whole.corner(0).1);
        let picture = whole.finish();
        let dark = |inside: &dyn Fn(u32, u32) -> bool| {
            picture.enumerate_pixels().filter(|(x, y, pixel)| inside(*x, *y) && pixel.0[0] < 120).count()
        };
        assert!(dark(&|_, y| y < origin.1) > 100, "above");
        assert!(dark(&|x, y| x < origin.0 && y >= origin.1) > 10, "at the left");
    }

    #[test]
    fn a_large_sheet_is_made_smaller_and_other_sizes_are_scaled() {
        let mut whole = SheetPicture::new(sheet(), (4000, 2000));
        assert_eq!(whole.cell, (2730, 1365));
        whole.put(0, &RgbImage::from_pixel(40, 20, Rgb([9; 3])));
        let (x, y) = whole.corner(0);
        assert_eq!(whole.picture.get_pixel(x + 2729, y + 1364).0, [9; 3]);
        assert!(whole.finish().width() <= MOST + WIDEST_ROW_LABEL + 10 * GAP);
        assert!(SheetPicture::new(sheet(), (0, 0)).finish().width() > 0);
    }
}
