//! The panel of selections: how the tool in use works, and what can be done with selection and mask.

use egui::{Button, Role, Ui, WidgetInfo};

use super::{DrawnShape, GradientEnd, ObjectReadiness, SelectShape, ToolOptions, actions, transform_fields};
use crate::document::{AreaSource, Document};
use crate::paint::{Brush, GradientShape, SelectionMode, SimilarArea};
use crate::ui::keymap::{away_click, tooltip};
use crate::ui::reshape::crop_fields;
use crate::ui::widgets::NumberField;
use crate::ui::{SelectCommand, Tool, UserCommand, frame_fields};

/// Shows the panel.
pub(in crate::ui) fn ui(
    ui: &mut Ui,
    (tool, readiness): (Tool, ObjectReadiness),
    options: &mut ToolOptions,
    brush: &Brush,
    document: &Document,
) -> Vec<UserCommand> {
    let mut commands = Vec::new();
    ui.spacing_mut().button_padding.x = 5.0;
    match tool {
        Tool::Select => {
            commands.extend(shapes(ui, options));
            mode(ui, options);
            ui.checkbox(&mut options.smooth, "Smooth edge")
                .on_hover_text("Antialiases the edges of selections and shapes.");
            commands.extend(actions::typed_rectangle(ui, document));
        }
        Tool::Wand => {
            mode(ui, options);
            area(ui, options);
        }
        Tool::Object => {
            mode(ui, options);
            commands.extend(object(ui, readiness, options.object.is_some()));
        }
        Tool::Fill => area(ui, options),
        Tool::Transform => commands.extend(transform_fields::ui(ui, document)),
        Tool::Gradient => gradient(ui, options),
        Tool::Shape => drawn(ui, options, brush),
        Tool::Mask => {
            ui.checkbox(&mut options.erases_mask, "Erase from the mask")
                .on_hover_text("The brush takes away from the mask instead of adding to it.");
        }
        Tool::Clone => commands.extend(clone_source(ui, options)),
        Tool::Frame => commands.extend(frame_fields::ui(ui, document)),
        Tool::Crop => commands.extend(crop_fields(ui, options.crop, &mut options.border, document)),
        Tool::Brush | Tool::Eraser | Tool::Eyedropper => {}
    }
    commands.extend(actions::selection(ui, options, document));
    commands.extend(actions::mask(ui, options, document));
    commands
}

/// A button that stays pressed while its choice is made.
fn choice(ui: &mut Ui, name: &str, help: &str, is_chosen: bool) -> bool {
    let response = ui.add(Button::new(name).selected(is_chosen));
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, is_chosen, name));
    response.on_hover_text(help).clicked()
}

fn shapes(ui: &mut Ui, options: &ToolOptions) -> Option<UserCommand> {
    let mut chosen = None;
    ui.horizontal_wrapped(|ui| {
        for (shape, name) in SelectShape::ALL {
            let command = SelectCommand::UseShape(shape);
            let help = match shape {
                SelectShape::Polygon => "Select inside straight lines: click each corner, and the first one to finish.",
                SelectShape::Brush => "Select with strokes of the brush.",
                SelectShape::Lasso => "Select inside a line drawn by hand.",
                SelectShape::Rectangle | SelectShape::Ellipse => {
                    "Select by dragging. Press Shift after the pointer for equal sides."
                }
            };
            if choice(ui, name, &tooltip(ui.ctx(), help, command.clone()), options.shape == shape) {
                chosen = Some(command.into());
            }
        }
    });
    chosen
}

fn mode(ui: &mut Ui, options: &mut ToolOptions) {
    let all = [
        (SelectionMode::Replace, "New", "A new selection takes the place of the old one."),
        (SelectionMode::Add, "Add", "A new selection is added. Holding Shift does the same."),
        (SelectionMode::Subtract, "Subtract", "A new selection is taken away."),
        (SelectionMode::Intersect, "Intersect", "What both selections have in common stays."),
    ];
    ui.horizontal_wrapped(|ui| {
        for (mode, name, help) in all {
            if choice(ui, name, help, options.mode == mode) {
                options.mode = mode;
            }
        }
    });
}

/// What counts as one colour.
fn area(ui: &mut Ui, options: &mut ToolOptions) {
    let SimilarArea { tolerance, contiguous, gap } = &mut options.area;
    NumberField::new("Tolerance", "How far a colour may lie from the clicked one, channel by channel.").ui(
        ui,
        tolerance,
        0..=255,
    );
    ui.checkbox(contiguous, "Connected only").on_hover_text("Only what is connected to the clicked pixel.");
    if *contiguous {
        let help = "Gaps in outlines up to this wide count as closed.";
        NumberField::new("Close gaps", help).suffix(" px").ui(ui, gap, 0..=SimilarArea::MAX_GAP);
    }
    let mut on_layer = options.source == AreaSource::Layer;
    ui.checkbox(&mut on_layer, "Current layer only")
        .on_hover_text("Looks at the colours of the current layer and not at the whole picture.");
    options.source = if on_layer { AreaSource::Layer } else { AreaSource::Picture };
}

/// What can be done to select an object, or what is missing for it.
fn object(ui: &mut Ui, readiness: ObjectReadiness, is_begun: bool) -> Option<UserCommand> {
    match readiness {
        ObjectReadiness::Missing => {
            ui.weak("This needs a network that is not on this machine: MobileSAM, 41 MB.");
            let get = ui.button("Show MobileSAM in the catalogue");
            return get
                .on_hover_text("It can be fetched there.")
                .clicked()
                .then(|| SelectCommand::ShowObjectModel.into());
        }
        ObjectReadiness::Searching => ui.weak("The models on this machine are being searched…"),
        ObjectReadiness::Looking => ui.weak("Looking at the picture…"),
        ObjectReadiness::Ready if is_begun => {
            let click = away_click(ui.ctx());
            ui.weak(format!("Click to add to the object, {click} to take away from it."))
        }
        ObjectReadiness::Ready => ui.weak("Click on an object, or drag a box around it."),
    };
    if !is_begun {
        return None;
    }
    let mut command = None;
    ui.horizontal_wrapped(|ui| {
        let help = tooltip(ui.ctx(), "The next click begins another object.", SelectCommand::Apply);
        let keep = ui.button("Keep it").on_hover_text(help);
        let help = tooltip(ui.ctx(), "The selection becomes what it was before.", SelectCommand::Leave);
        let leave = ui.button("Leave it").on_hover_text(help);
        if keep.clicked() {
            command = Some(SelectCommand::Apply.into());
        } else if leave.clicked() {
            command = Some(SelectCommand::Leave.into());
        }
    });
    command
}

fn gradient(ui: &mut Ui, options: &mut ToolOptions) {
    ui.horizontal_wrapped(|ui| {
        let linear = "Colour changes along the dragged line.";
        if choice(ui, "Linear", linear, options.gradient == GradientShape::Linear) {
            options.gradient = GradientShape::Linear;
        }
        let radial = "Colour changes from where the drag starts outwards.";
        if choice(ui, "Radial", radial, options.gradient == GradientShape::Radial) {
            options.gradient = GradientShape::Radial;
        }
    });
    let mut fades = options.gradient_end == GradientEnd::Transparent;
    ui.checkbox(&mut fades, "Fade to transparent")
        .on_hover_text("The colour fades out. Else it changes to the background colour.");
    options.gradient_end = if fades { GradientEnd::Transparent } else { GradientEnd::Background };
}

fn drawn(ui: &mut Ui, options: &mut ToolOptions, brush: &Brush) {
    ui.horizontal_wrapped(|ui| {
        for (shape, name) in DrawnShape::ALL {
            if choice(
                ui,
                name,
                "Drag from one end or corner to the other. Hold Shift for equal sides.",
                options.drawn == shape,
            ) {
                options.drawn = shape;
            }
        }
    });
    if options.drawn != DrawnShape::Line {
        ui.checkbox(&mut options.filled, "Filled").on_hover_text("Fills the shape with the current colour.");
    }
    if options.drawn == DrawnShape::Line || !options.filled {
        ui.weak(format!("Drawn with the brush, {:.0} px wide.", brush.size));
    }
}

fn clone_source(ui: &mut Ui, options: &ToolOptions) -> Option<UserCommand> {
    match &options.clone_source {
        Some((id, _)) => ui.weak(format!("Paints result {} of round {} in place.", id.image + 1, id.round)),
        None => ui.weak("No result chosen yet."),
    };
    let help = "The brush paints the result that is shown, in place, onto the current layer.";
    ui.button("Use the result on show").on_hover_text(help).clicked().then(|| SelectCommand::UseShownResult.into())
}
