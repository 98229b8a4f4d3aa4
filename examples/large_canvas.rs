//! How long edits of a whole canvas take: `cargo run --release --example large_canvas [SIDE...]`.
//!
//! For each edit the time on the thread that computes it, and what is left for the window's thread when another one
//! computes it: planning it and putting it in place, and the changes for the document's file.

use std::time::{Duration, Instant};

use underpaint::document::{AreaShape, AreaSource, Document, LayerChange, Mark, MarkChange, SlowEdit};
use underpaint::engine::{Plan, Settings};
use underpaint::paint::{
    Brush, Gradient, GradientShape, PenSample, Placement, Resampling, Rgb, SelectionMode, SelectionOutline,
    SimilarArea, Size,
};

/// Each edit is made so many times; the median counts.
const TIMES: usize = 3;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let asked: Vec<usize> = std::env::args().skip(1).filter_map(|side| side.parse().ok()).collect();
    let sides = if asked.is_empty() { vec![512, 2048, 4096] } else { asked };
    for side in sides {
        println!("{side} × {side} pixels, three layers        computed    plan and put   for the file");
        for (name, before, edit) in edits(side as f32) {
            let mut taken = [const { Vec::new() }; 3];
            for _ in 0..TIMES {
                let mut document = painted(side)?;
                for edit in before.clone() {
                    document.edit(edit)?;
                }
                document.take_changes();
                let begun = Instant::now();
                let planned = document.plan_edit(edit.clone());
                let planning = begun.elapsed();
                let begun = Instant::now();
                let computed = planned.run();
                taken[0].push(begun.elapsed());
                let begun = Instant::now();
                document.put_edit(computed).ok_or("the canvas changed meanwhile")??;
                taken[1].push(planning + begun.elapsed());
                let begun = Instant::now();
                let changes = document.take_changes();
                taken[2].push(begun.elapsed());
                drop(changes);
            }
            let [computed, window, file] = taken.map(median);
            println!("{name:36} {computed:>12} {window:>12} {file:>12}");
        }
        others(side)?;
    }
    Ok(())
}

/// What is not an edit.
fn others(side: usize) -> Result<(), Box<dyn std::error::Error>> {
    let mut document = painted(side)?;
    let ends = ((0.1 * side as f32, 0.1 * side as f32), (0.9 * side as f32, 0.8 * side as f32));
    let ellipse = AreaShape::Ellipse { from: ends.0, to: ends.1, smooth: true };
    document.edit(SlowEdit::SelectShape(ellipse, SelectionMode::Replace))?;
    document.edit(SlowEdit::SetMark(Mark::Mask, document.selection().cloned()))?;
    let selection = document.selection().ok_or("nothing is selected")?.clone();
    let (mut first, mut again) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        let mut outline = SelectionOutline::default();
        for times in [&mut first, &mut again] {
            let begun = Instant::now();
            std::hint::black_box(outline.of(&selection, 3000));
            times.push(begun.elapsed());
        }
    }
    println!("{:36} {:>12} {:>12}", "the line around the selection; again", median(first), median(again));
    let (mut rounds, mut copies) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        let planned = document.plan_round(Plan::default(), None);
        let begun = Instant::now();
        std::hint::black_box(planned.run());
        rounds.push(begun.elapsed());
        let planned = document.plan_copy(true);
        let begun = Instant::now();
        std::hint::black_box(planned.run());
        copies.push(begun.elapsed());
    }
    println!("{:36} {:>12}", "preparing a round with a mask", median(rounds));
    println!("{:36} {:>12}\n", "copying what is selected", median(copies));
    Ok(())
}

/// A canvas with three layers that are painted on here and there.
fn painted(side: usize) -> Result<Document, Box<dyn std::error::Error>> {
    let settings = Settings { width: 512, height: 512, ..Settings::default() };
    let mut document = Document::new(Size::new(side, side)?, Rgb::WHITE, settings);
    for layer in 0..3 {
        if layer > 0 {
            document.add_layer()?;
        }
        let color = Rgb([20 + 80 * layer, 200 - 60 * layer, 90]);
        let brush = Brush { size: side as f32 / 20.0, opacity: 0.8, hardness: 0.3, color, ..Brush::default() };
        for line in 0..6 {
            let y = side as f32 * (line as f32 + 0.5) / 6.0;
            document.begin_stroke(brush.clone(), PenSample::mouse(0.0, y, 0.0));
            document.stroke_to(PenSample::mouse(side as f32, y + 40.0, 0.0));
            document.end_stroke();
        }
    }
    Ok(document)
}

/// Each edit with its name and what is done before.
fn edits(side: f32) -> Vec<(&'static str, Vec<SlowEdit>, SlowEdit)> {
    let (color, at) = (Rgb([250, 30, 60]), ((side * 0.5) as usize, (side * 0.01) as usize));
    let similar = SimilarArea { tolerance: 40, ..SimilarArea::default() };
    let fill = |how| SlowEdit::Fill { at, color, how, source: AreaSource::Picture };
    let ends = ((0.1 * side, 0.1 * side), (0.9 * side, 0.8 * side));
    let ellipse = AreaShape::Ellipse { from: ends.0, to: ends.1, smooth: true };
    let select = || vec![SlowEdit::SelectShape(ellipse.clone(), SelectionMode::Replace)];
    let mark = |change| SlowEdit::ChangeMark(Mark::Selection, change);
    let gradient = |shape| {
        let (from, to) = ends;
        SlowEdit::Gradient(Gradient { shape, from, to, start: [255, 0, 0, 255], end: [0, 0, 255, 60] })
    };
    let everywhere = SimilarArea { contiguous: false, ..similar };
    let turned = Placement { degrees: 10.0, ..Placement::STAY };
    vec![
        ("fill an area", Vec::new(), fill(similar)),
        ("fill an area, closing gaps of 8 px", Vec::new(), fill(SimilarArea { gap: 8, ..similar })),
        (
            "magic wand, everywhere",
            Vec::new(),
            SlowEdit::SelectSimilar { at, how: everywhere, source: AreaSource::Picture, mode: SelectionMode::Replace },
        ),
        ("select an ellipse", Vec::new(), SlowEdit::SelectShape(ellipse.clone(), SelectionMode::Replace)),
        ("grow by 20 px", select(), mark(MarkChange::Grow(20.0))),
        ("feather by 50 px", select(), mark(MarkChange::Feather(50.0))),
        ("invert the selection", select(), mark(MarkChange::Invert)),
        ("fill the selection", select(), SlowEdit::FillSelection(color)),
        ("linear gradient", Vec::new(), gradient(GradientShape::Linear)),
        ("radial gradient in a selection", select(), gradient(GradientShape::Radial)),
        ("undo a fill of everything", vec![SlowEdit::FillSelection(color)], SlowEdit::Undo),
        ("change of the paper", Vec::new(), SlowEdit::Paper(Rgb([240, 230, 200]))),
        ("merge visible layers", Vec::new(), SlowEdit::Layers(LayerChange::MergeVisible)),
        ("flatten", Vec::new(), SlowEdit::Layers(LayerChange::Flatten)),
        ("lift a layer", Vec::new(), SlowEdit::Lift),
        ("turn a lifted layer, while dragging", vec![SlowEdit::Lift], SlowEdit::Place(turned, Resampling::Nearest)),
        ("turn a lifted layer, at the end", vec![SlowEdit::Lift], SlowEdit::Place(turned, Resampling::Smooth)),
    ]
}

fn median(mut times: Vec<Duration>) -> String {
    times.sort();
    format!("{:.1} ms", times.get(times.len() / 2).map_or(0.0, |time| time.as_secs_f64() * 1e3))
}
