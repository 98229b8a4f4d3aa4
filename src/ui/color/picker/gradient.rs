//! Colours of a gradient, which are computed only when they change.

use egui::{Color32, Mesh, Painter, Pos2, Shape};

use crate::paint::ColorModel;
use crate::ui::color::swatch::color32;

/// The colours at the corners of a grid, row by row.
#[derive(Default)]
pub(super) struct Gradient {
    /// The colour model, and the value of the dial that all colours share.
    of: Option<(ColorModel, f32)>,
    colors: Vec<Color32>,
}

impl Gradient {
    /// Draws a grid of `columns` by `rows` cells. `coordinates` gives hue, saturation and value at shares of width and
    /// height, and depends on `shared` alone besides; `place` gives the point of a corner.
    pub fn paint(
        &mut self,
        painter: &Painter,
        (model, shared): (ColorModel, f32),
        (columns, rows): (usize, usize),
        coordinates: impl Fn(f32, f32) -> [f32; 3],
        place: impl Fn(f32, f32) -> Pos2,
    ) {
        let shares = || {
            let share = |at: usize, of: usize| at as f32 / of.max(1) as f32;
            (0..=rows).flat_map(move |y| (0..=columns).map(move |x| (share(x, columns), share(y, rows))))
        };
        if self.of != Some((model, shared)) || self.colors.len() != (columns + 1) * (rows + 1) {
            self.colors.clear();
            self.colors.extend(shares().map(|(x, y)| color32(model.color(coordinates(x, y)))));
            self.of = Some((model, shared));
        }
        let mut mesh = Mesh::default();
        for ((x, y), color) in shares().zip(&self.colors) {
            mesh.colored_vertex(place(x, y), *color);
        }
        let across = columns as u32 + 1;
        for row in 0..rows as u32 {
            for column in 0..columns as u32 {
                let corner = row * across + column;
                mesh.add_triangle(corner, corner + 1, corner + across);
                mesh.add_triangle(corner + 1, corner + across, corner + across + 1);
            }
        }
        painter.add(Shape::mesh(mesh));
    }
}
