//! Whatever is done, undone and redone: pixels and what belongs to them agree.

use super::tests::{DocumentState, document, dot, make_round, sheet, state_of};
use super::*;
use crate::paint::{
    BlendMode, Border, Brush, LayerDirection, LayerId, MirrorAxis, PenSample, QuarterTurns, Region, Selection,
    SelectionMode,
};

/// Small numbers in a sequence that looks random and is the same in every run (xorshift).
pub(super) struct Numbers(pub u64);

impl Numbers {
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn place(&mut self) -> f32 {
        self.below(240) as f32 - 20.0
    }

    fn color(&mut self) -> Rgb {
        Rgb([0; 3].map(|_| self.below(256) as u8))
    }
}

/// Makes one change to the canvas.
pub(super) fn change(document: &mut Document, numbers: &mut Numbers) {
    match numbers.below(13) {
        9 | 10 => change_layers(document, numbers),
        11 | 12 => change_marks(document, numbers),
        0..=2 => {
            let brush = Brush { size: 1.0 + numbers.below(40) as f32, color: numbers.color(), ..Brush::default() };
            document.begin_stroke(brush, PenSample::mouse(numbers.place(), numbers.place(), 0.0));
            for _ in 0..numbers.below(6) {
                document.stroke_to(PenSample::mouse(numbers.place(), numbers.place(), 0.0));
            }
            // Now and then the next change finds the brush still down.
            if numbers.below(4) > 0 {
                document.end_stroke();
            }
        }
        3 => document.begin_erasing(Brush::default(), PenSample::mouse(numbers.place(), numbers.place(), 0.0)),
        4 => {
            let (x, y) = (numbers.below(200) as usize, numbers.below(200) as usize);
            document.fill(x, y, numbers.color());
        }
        5 => document.new_sheet(numbers.color()),
        6 => {
            let (width, height) = (1 + numbers.below(300) as usize, 1 + numbers.below(300) as usize);
            document.open_picture(sheet(width, height, numbers.color()), vec![numbers.below(50)]);
        }
        7 => {
            let id = make_round(document, numbers.below(50));
            document.paint_over(id, sheet(64, 128, numbers.color()));
        }
        _ => {
            document.end_stroke();
            let (width, height) = (1 + numbers.below(200) as usize, 1 + numbers.below(200) as usize);
            reshape(document, numbers, (width, height));
        }
    }
}

/// Gives the canvas another shape.
fn reshape(document: &mut Document, numbers: &mut Numbers, (width, height): (usize, usize)) {
    let size = super::tests::size(width, height);
    let mut place = || numbers.below(100) as i64 - 50;
    let region = Region { x: place(), y: place(), size };
    document.reshape(match numbers.below(8) {
        0 | 1 => Reshape::Part(region, Border::Clear),
        2 => Reshape::Part(region, Border::Continued),
        3 => Reshape::Scale(size),
        4 => Reshape::Fit(size, Fit::Whole),
        5 => Reshape::Fit(size, Fit::Fill),
        6 => Reshape::Turn([QuarterTurns::Left, QuarterTurns::Right, QuarterTurns::Half][numbers.below(3) as usize]),
        _ => Reshape::Mirror([MirrorAxis::Vertical, MirrorAxis::Horizontal][numbers.below(2) as usize]),
    });
}

/// Selects or masks something, or nothing.
fn change_marks(document: &mut Document, numbers: &mut Numbers) {
    let mark = if numbers.below(2) == 0 { Mark::Selection } else { Mark::Mask };
    let size = document.canvas().size();
    let (from, to) = ((numbers.place(), numbers.place()), (numbers.place(), numbers.place()));
    match numbers.below(6) {
        4 => document.set_frame(None),
        // Several of these in a row are one step of undo.
        5 if document.next_undo() != Some(EditKind::Frame) => {
            let place = Region { x: numbers.below(200) as i64, y: numbers.below(200) as i64, size };
            document.set_frame(Some(place))
        }
        0 => document.set_mark(mark, None),
        1 => document.combine_mark(mark, &Selection::ellipse(size, from, to, true), SelectionMode::Add),
        2 => document.set_mark(mark, Some(Selection::ellipse(size, from, to, true).feathered(4.0))),
        _ => document.combine_mark(mark, &Selection::ellipse(size, from, to, false), SelectionMode::Subtract),
    };
}

/// Makes one change to the layers; some are refused.
fn change_layers(document: &mut Document, numbers: &mut Numbers) {
    let ids: Vec<LayerId> = document.layers().all().map(|layer| layer.id).collect();
    let id = ids[numbers.below(ids.len() as u64) as usize];
    let direction = if numbers.below(2) == 0 { LayerDirection::Up } else { LayerDirection::Down };
    let done = match numbers.below(12) {
        0..=2 => document.add_layer(),
        3 => document.duplicate_layer(id),
        4 => document.delete_layer(id),
        5 => document.step_layer(id, direction),
        6 => document.group_layer(id),
        7 => document.ungroup_layers(id),
        8 => document.merge_layer_down(id),
        9 if numbers.below(3) == 0 => document.flatten_layers(),
        // Several of these in a row are one step of undo.
        10 if document.next_undo() != Some(EditKind::Paper) => {
            document.set_paper(numbers.color());
            Ok(())
        }
        _ => {
            let mut properties = document.layers().get(id).expect("there").properties.clone();
            match numbers.below(7) {
                0 => properties.visible = !properties.visible,
                1 if document.next_undo() == Some(EditKind::LayerOpacity) => return,
                1 => properties.opacity = numbers.below(256) as f32 / 255.0,
                2 => properties.blend = BlendMode::ALL[numbers.below(16) as usize],
                3 => properties.clipped = !properties.clipped,
                4 => properties.reference = numbers.below(3) == 0,
                5 => properties.locked = numbers.below(3) == 0,
                _ => properties.alpha_locked = !properties.alpha_locked,
            }
            document.set_layer(id, properties)
        }
    };
    // What is refused changes nothing, which the caller sees.
    let _refused = done.is_err();
    let ids: Vec<LayerId> = document.layers().all().map(|layer| layer.id).collect();
    document.choose_layer(ids[numbers.below(ids.len() as u64) as usize]);
}

#[test]
fn undo_and_redo_walk_through_the_same_states() {
    for seed in 1..=40 {
        let mut numbers = Numbers(seed * 0x9E37_79B9);
        let mut document = document();
        document.settings_mut().batch = 1;
        let mut states: Vec<DocumentState> = vec![state_of(&document)];
        for _ in 0..30 {
            change(&mut document, &mut numbers);
            document.end_stroke();
            let state = state_of(&document);
            if states.last() != Some(&state) {
                states.push(state);
            }
        }
        // Steps that changed nothing visible are steps of undo too, so states are compared by walking.
        let mut walked = vec![state_of(&document)];
        while document.can_undo() {
            document.undo();
            let state = state_of(&document);
            if walked.last() != Some(&state) {
                walked.push(state);
            }
        }
        walked.reverse();
        assert!(walked == states, "undo in sequence {seed}");
        let mut walked = vec![state_of(&document)];
        while document.can_redo() {
            document.redo();
            let state = state_of(&document);
            if walked.last() != Some(&state) {
                walked.push(state);
            }
        }
        assert!(walked == states, "redo in sequence {seed}");
    }
}

#[test]
fn everything_undone_and_redone_is_as_it_was_whatever_size_was_chosen_in_between() {
    for seed in 1..=40 {
        let mut numbers = Numbers(seed * 0x1234_5678_9ABD);
        let mut document = document();
        document.settings_mut().batch = 1;
        for _ in 0..30 {
            match numbers.below(6) {
                0 => document.settings_mut().width = 64 * (1 + numbers.below(4) as usize),
                1 => {
                    document.fit_blank_canvas();
                }
                2 => document.undo(),
                3 => document.redo(),
                _ => change(&mut document, &mut numbers),
            }
        }
        document.end_stroke();
        while document.can_redo() {
            document.redo();
        }
        let last = state_of(&document);
        let mut steps = 0;
        while document.can_undo() {
            document.undo();
            steps += 1;
        }
        let first = state_of(&document);
        assert!(document.ancestry().is_empty() && document.paper() == Rgb::WHITE, "sequence {seed}");
        let composed = Canvas::composed(document.layers(), document.paper(), Composition::Picture);
        assert!(composed.shows_the_same_as(document.canvas()), "sequence {seed}");
        for _ in 0..steps {
            document.redo();
        }
        assert!(state_of(&document) == last, "sequence {seed}");
        for _ in 0..steps {
            document.undo();
        }
        assert!(state_of(&document) == first, "sequence {seed}");
    }
}

#[test]
fn abandoned_strokes_change_nothing_anywhere() {
    let mut numbers = Numbers(77);
    let mut document = document();
    for _ in 0..50 {
        dot(&mut document, numbers.place(), numbers.place());
        let before = state_of(&document);
        document.begin_stroke(Brush::default(), PenSample::mouse(numbers.place(), numbers.place(), 0.0));
        document.stroke_to(PenSample::mouse(numbers.place(), numbers.place(), 0.0));
        document.abandon_stroke();
        assert!(state_of(&document) == before);
    }
}
