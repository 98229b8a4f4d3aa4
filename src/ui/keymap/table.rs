//! All shortcuts.

use egui::{Key, Modifiers};

use super::shortcut::{Bound, Shortcut, When};
use crate::document::Reshape;
use crate::paint::{LayerDirection, MirrorAxis, QuarterTurns};
use crate::ui::{
    BrushCommand, CanvasCommand, CanvasViewCommand, ColorCommand, CompareCommand, CompareMode, DocumentCommand,
    FileCommand, GalleryCommand, HistoryCommand, LayerCommand, LayerFileCommand, LayerSwitch, LayoutCommand,
    LiveCommand, MaskCommand, ModelPanelCommand, MoveDirection, PaletteCommand, PromptCommand, QueueCommand,
    RefineCommand, ReshapeCommand, RoundCommand, SelectCommand, SelectShape, ShortcutCommand, Tool, TurnDirection,
    UserCommand, ViewCommand, ZoomStep,
};

const NONE: Modifiers = Modifiers::NONE;
const SHIFT: Modifiers = Modifiers::SHIFT;
pub(super) const CTRL: Modifiers = Modifiers::COMMAND;
const ALT: Modifiers = Modifiers::ALT;
const CTRL_ALT: Modifiers = Modifiers::COMMAND.plus(Modifiers::ALT);
const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

/// A shortcut that sends a command once per press.
const fn once(modifiers: Modifiers, key: Key, when: When, command: UserCommand, help: &'static str) -> Shortcut {
    Shortcut { modifiers, key, when, repeats: false, bound: Bound::Command(command), help }
}

/// A shortcut that sends a command again and again while the key is held down.
const fn held(modifiers: Modifiers, key: Key, when: When, command: UserCommand, help: &'static str) -> Shortcut {
    Shortcut { modifiers, key, when, repeats: true, bound: Bound::Command(command), help }
}

const fn tool(key: Key, tool: Tool, help: &'static str) -> Shortcut {
    once(NONE, key, When::NotTyping, UserCommand::Canvas(CanvasCommand::UseTool(tool)), help)
}

const fn result(key: Key, image: usize) -> Shortcut {
    Shortcut {
        modifiers: NONE,
        key,
        when: When::NotTyping,
        repeats: false,
        bound: Bound::PaintOverShown(image),
        help: "Paint over this result of the round that is shown",
    }
}

/// A key that changes how the canvas is seen.
const fn view(modifiers: Modifiers, key: Key, command: CanvasViewCommand, help: &'static str) -> Shortcut {
    held(modifiers, key, When::NotTyping, UserCommand::CanvasView(command), help)
}

/// A key that changes the layers.
const fn layers(modifiers: Modifiers, key: Key, command: LayerCommand, help: &'static str) -> Shortcut {
    once(modifiers, key, When::NotTyping, UserCommand::Layers(command), help)
}

/// A key that walks through the layers, or moves one.
const fn layers_held(modifiers: Modifiers, key: Key, command: LayerCommand, help: &'static str) -> Shortcut {
    held(modifiers, key, When::NotTyping, UserCommand::Layers(command), help)
}

const fn compare(key: Key, command: CompareCommand, help: &'static str) -> Shortcut {
    once(NONE, key, When::Comparing, UserCommand::Compare(command), help)
}

/// A zoom of the compared pictures.
const fn zoom(key: Key, step: ZoomStep, help: &'static str) -> Shortcut {
    held(NONE, key, When::Comparing, UserCommand::Compare(CompareCommand::Zoom(step)), help)
}

/// An arrow key on the compared pictures.
const fn arrow(key: Key, direction: MoveDirection) -> Shortcut {
    let command = UserCommand::Compare(CompareCommand::Step(direction));
    held(NONE, key, When::OnPictures, command, "Compare: move the divider, or the view")
}

/// An arrow key that moves the view also where there is a divider. Up and down always do.
const fn shift_arrow(key: Key, direction: MoveDirection) -> Shortcut {
    let command = UserCommand::Compare(CompareCommand::Pan(direction));
    held(SHIFT, key, When::OnPictures, command, "Compare: move the view")
}

/// A key that works while canvas and results are shown.
const fn history(key: Key, command: HistoryCommand, help: &'static str) -> Shortcut {
    once(NONE, key, When::NotTyping, UserCommand::History(command), help)
}

/// An arrow key on the results.
const fn walk(key: Key, direction: MoveDirection) -> Shortcut {
    let command = UserCommand::Gallery(GalleryCommand::Walk(direction));
    held(NONE, key, When::OnResults, command, "Results: go to another result")
}

/// A key that moves in the list of rounds.
const fn in_list(key: Key, when: When, command: HistoryCommand, help: &'static str) -> Shortcut {
    held(NONE, key, when, UserCommand::History(command), help)
}

/// A key for the selection and what is selected.
const fn select(modifiers: Modifiers, key: Key, command: SelectCommand, help: &'static str) -> Shortcut {
    once(modifiers, key, When::NotTyping, UserCommand::Select(command), help)
}

/// A key that changes the size or shape of the canvas.
const fn reshape(modifiers: Modifiers, key: Key, command: ReshapeCommand, help: &'static str) -> Shortcut {
    once(modifiers, key, When::NotTyping, UserCommand::Reshape(command), help)
}

const TURN_LEFT: ReshapeCommand = ReshapeCommand::Reshape(Reshape::Turn(QuarterTurns::Left));
const TURN_RIGHT: ReshapeCommand = ReshapeCommand::Reshape(Reshape::Turn(QuarterTurns::Right));
const MIRROR: ReshapeCommand = ReshapeCommand::Reshape(Reshape::Mirror(MirrorAxis::Vertical));
const FLIP: ReshapeCommand = ReshapeCommand::Reshape(Reshape::Mirror(MirrorAxis::Horizontal));

/// A key for the mask.
const fn mask(modifiers: Modifiers, key: Key, command: MaskCommand, help: &'static str) -> Shortcut {
    once(modifiers, key, When::NotTyping, UserCommand::Mask(command), help)
}

/// An arrow key that moves what is selected.
const fn nudge(modifiers: Modifiers, key: Key, x: i16, y: i16) -> Shortcut {
    let command = UserCommand::Select(SelectCommand::Nudge(x, y));
    held(modifiers, key, When::Transforming, command, "Move what is selected, with the transform tool")
}

/// A key of the window around the canvas.
const fn layout(key: Key, when: When, command: LayoutCommand, help: &'static str) -> Shortcut {
    once(NONE, key, when, UserCommand::Layout(command), help)
}

/// A key of live painting.
const fn live(modifiers: Modifiers, key: Key, when: When, command: LiveCommand, help: &'static str) -> Shortcut {
    once(modifiers, key, when, UserCommand::Live(command), help)
}

/// A key that works while canvas and results are shown.
const fn color(key: Key, command: ColorCommand, help: &'static str) -> Shortcut {
    once(NONE, key, When::NotTyping, UserCommand::Color(command), help)
}

/// A key that dials in the value ramp.
const fn ramp(key: Key, lighter: i8, warmer: i8, help: &'static str) -> Shortcut {
    held(NONE, key, When::OnRamp, UserCommand::Color(ColorCommand::StepRamp { lighter, warmer }), help)
}

/// A key that closes the value ramp.
const fn close_ramp(key: Key, command: ColorCommand, help: &'static str) -> Shortcut {
    once(NONE, key, When::OnRamp, UserCommand::Color(command), help)
}

/// A key on the colour of the palette that has the focus.
const fn swatch(modifiers: Modifiers, key: Key, command: PaletteCommand, help: &'static str) -> Shortcut {
    held(modifiers, key, When::OnSwatch, UserCommand::Palette(command), help)
}

const fn compared_result(key: Key, image: usize) -> Shortcut {
    Shortcut {
        modifiers: NONE,
        key,
        when: When::Comparing,
        repeats: false,
        bound: Bound::CompareWith(image),
        help: "Compare: show this result as B",
    }
}

/// All shortcuts with the program's own keys. Of two rows with the same key the one that works for a shorter time is
/// used while it does: one press does one thing.
pub(super) static SHORTCUTS: &[Shortcut] = {
    use CanvasCommand::{AbandonStroke, LargerBrush, Redo, SmallerBrush, Undo};
    use CanvasViewCommand as View;
    use CompareCommand::{Blink, Leave, Open, Swap, UseMode};
    use GalleryCommand as Shelf;
    use HistoryCommand as Past;
    use MoveDirection::{Down, Left, Right, Up};
    use QueueCommand::{CancelAll, SkipImage, ToggleForever, ToggleList, TogglePause};
    use RefineCommand::{AskForSheet, AskForUpscaleShown, StrengthLadder, ToggleDrift, ToggleOutlineOrder, VaryShown};
    use SelectCommand::{
        Apply, Clear, Copy, CopyMerged, Cut, FillBackground, FillForeground, PasteInPlace, UseShape, UseShownResult,
    };
    use UserCommand::{Canvas, Compare, Document, File, LayerFile, Models, Queue, Refine, Round, Select};
    use When::{Always, InPlace, NotTyping, NothingFocused, Notified, OnHistory, Painting, Placing, Running, Selected};
    const IN_LIST: &str = "History: move to another round or result";
    &[
        once(NONE, Key::F1, Always, UserCommand::Shortcuts(ShortcutCommand::Show), "Keyboard shortcuts"),
        once(CTRL, Key::Q, Always, UserCommand::View(ViewCommand::Quit), "Quit"),
        layout(Key::Tab, NothingFocused, LayoutCommand::ToggleCanvasOnly, "Hide everything but the canvas, or show it"),
        layout(Key::F11, Always, LayoutCommand::ToggleFullScreen, "Full screen, or not"),
        once(
            SHIFT,
            Key::F6,
            Always,
            UserCommand::Layout(LayoutCommand::PreviousPart),
            "Give the keyboard to the previous part of the window",
        ),
        layout(Key::F6, Always, LayoutCommand::NextPart, "Give the keyboard to the next part of the window"),
        once(CTRL_SHIFT, Key::Enter, Always, Queue(ToggleForever), "Generate for ever, or stop that"),
        once(CTRL, Key::Enter, Always, Round(RoundCommand::Generate), "Generate, or add a round to the queue"),
        live(SHIFT, Key::Enter, Always, LiveCommand::Toggle, "Live painting on or off"),
        live(SHIFT, Key::N, NotTyping, LiveCommand::NewSeed, "Live: new seed"),
        live(SHIFT, Key::K, NotTyping, LiveCommand::Keep, "Live: keep the frame as a round"),
        live(SHIFT, Key::P, NotTyping, LiveCommand::PaintOver, "Live: paint over the frame"),
        once(CTRL, Key::L, Always, Refine(StrengthLadder), "Strength ladder"),
        once(CTRL, Key::T, Always, Refine(AskForSheet), "Sheet over one or two settings"),
        once(CTRL, Key::M, Always, Models(ModelPanelCommand::Open), "Models on this machine"),
        once(SHIFT, Key::M, NotTyping, UserCommand::CanvasView(View::Mirror), "View: mirror the canvas, or not"),
        once(NONE, Key::M, NotTyping, Refine(VaryShown), "More like the result on show or under the pointer"),
        once(SHIFT, Key::U, NotTyping, Refine(AskForUpscaleShown), "Upscale the result on show or under the pointer"),
        once(NONE, Key::O, NotTyping, Refine(ToggleOutlineOrder), "Sort results by outline score, or not"),
        once(SHIFT, Key::D, NotTyping, Refine(ToggleDrift), "Show the drift of the result, or not"),
        once(SHIFT, Key::Escape, Running, Queue(CancelAll), "Cancel the running round and all that wait"),
        close_ramp(Key::Escape, ColorCommand::LeaveRamp, "Value ramp: leave it"),
        once(NONE, Key::Escape, Painting, Canvas(AbandonStroke), "Abandon the stroke being painted"),
        once(
            NONE,
            Key::Enter,
            Placing,
            Select(Apply),
            "Put down what is lifted, close the polygon, or keep the object",
        ),
        once(NONE, Key::Escape, Placing, Select(SelectCommand::Leave), "Leave a transform, a polygon or an object"),
        once(NONE, Key::Escape, InPlace, UserCommand::Gallery(Shelf::StopShowing), "Results: back to the canvas"),
        compare(Key::Escape, Leave, "Compare: return to canvas and results"),
        once(NONE, Key::Escape, Running, Round(RoundCommand::Cancel), "Cancel the running round"),
        once(
            NONE,
            Key::Escape,
            Notified,
            UserCommand::View(ViewCommand::DismissNotice),
            "Dismiss a notice over the canvas",
        ),
        held(CTRL_SHIFT, Key::Z, NotTyping, Canvas(Redo), "Redo"),
        held(CTRL, Key::Y, NotTyping, Canvas(Redo), "Redo"),
        held(CTRL, Key::Z, NotTyping, Canvas(Undo), "Undo"),
        once(NONE, Key::P, NotTyping, Queue(TogglePause), "Pause the queue after this image, or resume it"),
        once(NONE, Key::K, NotTyping, Queue(SkipImage), "Skip the image being made"),
        once(NONE, Key::Q, NotTyping, Queue(ToggleList), "Show or hide the queue"),
        once(CTRL, Key::N, Always, Document(DocumentCommand::New), "New document"),
        once(CTRL, Key::O, Always, File(FileCommand::ChoosePicture), "Open a picture or a document"),
        once(CTRL_ALT, Key::S, Always, LayerFile(LayerFileCommand::ChooseSave), "Save the layers as OpenRaster"),
        once(CTRL_ALT, Key::O, Always, LayerFile(LayerFileCommand::ChooseAdd), "Add pictures as layers"),
        layers(CTRL_SHIFT, Key::V, LayerCommand::Paste, "Paste a picture as a layer"),
        once(CTRL, Key::V, NotTyping, File(FileCommand::Paste), "Paste a picture"),
        layers(NONE, Key::Insert, LayerCommand::Add, "Add a layer"),
        layers(CTRL, Key::J, LayerCommand::Duplicate, "Duplicate the layer"),
        layers(SHIFT, Key::Delete, LayerCommand::Delete, "Delete the layer"),
        layers(SHIFT, Key::F2, LayerCommand::AskForName, "Rename the layer"),
        layers(CTRL_SHIFT, Key::E, LayerCommand::Flatten, "Flatten: make one layer of the canvas"),
        layers(CTRL, Key::E, LayerCommand::MergeDown, "Merge the layer into the one below"),
        layers(
            CTRL_SHIFT,
            Key::G,
            LayerCommand::SwitchCurrent(LayerSwitch::Clipped),
            "Clip the layer to the one below, or not",
        ),
        layers(CTRL_ALT, Key::G, LayerCommand::Ungroup, "Take the group apart"),
        layers(CTRL, Key::G, LayerCommand::Group, "Put the layer into a group"),
        layers_held(CTRL, Key::PageUp, LayerCommand::Step(LayerDirection::Up), "Move the layer up"),
        layers_held(CTRL, Key::PageDown, LayerCommand::Step(LayerDirection::Down), "Move the layer down"),
        layers_held(ALT, Key::PageUp, LayerCommand::ChooseNext(LayerDirection::Up), "Choose the layer above"),
        layers_held(ALT, Key::PageDown, LayerCommand::ChooseNext(LayerDirection::Down), "Choose the layer below"),
        once(
            CTRL_SHIFT,
            Key::S,
            Always,
            Document(DocumentCommand::ChooseSaveAs),
            "Save the document under another name",
        ),
        once(CTRL, Key::S, Always, File(FileCommand::ChooseSaveCanvas), "Save the canvas as a picture"),
        select(CTRL_SHIFT, Key::A, SelectCommand::None, "Select nothing"),
        select(CTRL, Key::A, SelectCommand::All, "Select everything"),
        select(CTRL_SHIFT, Key::I, SelectCommand::Invert, "Invert the selection"),
        select(CTRL_SHIFT, Key::C, CopyMerged, "Copy what is selected of the whole picture"),
        select(CTRL, Key::C, Copy, "Copy what is selected on the layer"),
        select(CTRL, Key::X, Cut, "Cut what is selected on the layer"),
        select(CTRL_ALT, Key::V, PasteInPlace, "Paste what was copied from the canvas where it was"),
        select(SHIFT, Key::Backspace, FillForeground, "Fill the selection with the current colour"),
        select(NONE, Key::Backspace, FillBackground, "Fill the selection with the background colour"),
        once(NONE, Key::Delete, Selected, Select(Clear), "Clear what is selected"),
        nudge(SHIFT, Key::ArrowLeft, -10, 0),
        nudge(SHIFT, Key::ArrowRight, 10, 0),
        nudge(SHIFT, Key::ArrowUp, 0, -10),
        nudge(SHIFT, Key::ArrowDown, 0, 10),
        nudge(NONE, Key::ArrowLeft, -1, 0),
        nudge(NONE, Key::ArrowRight, 1, 0),
        nudge(NONE, Key::ArrowUp, 0, -1),
        nudge(NONE, Key::ArrowDown, 0, 1),
        select(CTRL_SHIFT, Key::R, UseShape(SelectShape::Brush), "Select with the brush"),
        select(CTRL, Key::R, UseShape(SelectShape::Rectangle), "Select a rectangle"),
        select(NONE, Key::J, UseShape(SelectShape::Ellipse), "Select an ellipse"),
        select(SHIFT, Key::L, UseShape(SelectShape::Polygon), "Select a polygon"),
        select(NONE, Key::L, UseShape(SelectShape::Lasso), "Select with a lasso"),
        reshape(CTRL_ALT, Key::I, ReshapeCommand::AskToScale, "Scale the canvas"),
        reshape(CTRL_ALT, Key::C, ReshapeCommand::AskForSides, "Canvas size: add room at its sides, or cut off"),
        reshape(CTRL_SHIFT, Key::X, ReshapeCommand::CropToSelection, "Crop the canvas to the selection"),
        reshape(CTRL_ALT, Key::OpenBracket, TURN_LEFT, "Turn the picture anticlockwise"),
        reshape(CTRL_ALT, Key::CloseBracket, TURN_RIGHT, "Turn the picture clockwise"),
        reshape(CTRL_ALT, Key::H, MIRROR, "Mirror the picture"),
        reshape(CTRL_ALT, Key::J, FLIP, "Flip the picture: exchange top and bottom"),
        once(SHIFT, Key::C, NotTyping, Canvas(CanvasCommand::UseTool(Tool::Crop)), "Crop the canvas, or add room"),
        once(SHIFT, Key::F, NotTyping, Canvas(CanvasCommand::UseTool(Tool::Frame)), "Frame: what the next round sees"),
        tool(Key::W, Tool::Wand, "Magic wand"),
        once(SHIFT, Key::W, NotTyping, Canvas(CanvasCommand::UseTool(Tool::Object)), "Select by click"),
        tool(Key::T, Tool::Transform, "Move and transform"),
        once(SHIFT, Key::G, NotTyping, Canvas(CanvasCommand::UseTool(Tool::Gradient)), "Gradient"),
        tool(Key::U, Tool::Shape, "Line, rectangle or ellipse"),
        select(NONE, Key::A, UseShownResult, "Paint with the result on show"),
        once(SHIFT, Key::B, NotTyping, Canvas(CanvasCommand::UseTool(Tool::Mask)), "Mask brush"),
        mask(CTRL_ALT, Key::M, MaskCommand::FromSelection, "Make the selection the mask"),
        tool(Key::B, Tool::Brush, "Brush"),
        tool(Key::E, Tool::Eraser, "Eraser"),
        tool(Key::F, Tool::Fill, "Fill"),
        tool(Key::I, Tool::Eyedropper, "Eyedropper"),
        view(CTRL, Key::OpenBracket, View::Turn(TurnDirection::Left), "View: turn the canvas anticlockwise"),
        view(CTRL, Key::CloseBracket, View::Turn(TurnDirection::Right), "View: turn the canvas clockwise"),
        view(SHIFT, Key::Home, View::Straighten, "View: neither turned nor mirrored"),
        view(NONE, Key::Plus, View::Zoom(ZoomStep::In), "View: zoom in"),
        view(NONE, Key::Equals, View::Zoom(ZoomStep::In), "View: zoom in"),
        view(NONE, Key::Minus, View::Zoom(ZoomStep::Out), "View: zoom out"),
        view(CTRL, Key::Num0, View::Zoom(ZoomStep::Fit), "View: show the whole canvas"),
        view(CTRL, Key::Num1, View::Zoom(ZoomStep::FullSize), "View: zoom to 100 %"),
        view(NONE, Key::Z, View::Zoom(ZoomStep::FullSize), "View: zoom to 100 %"),
        view(CTRL, Key::ArrowLeft, View::Pan(Left), "View: move to another part of the canvas"),
        view(CTRL, Key::ArrowRight, View::Pan(Right), "View: move to another part of the canvas"),
        view(CTRL, Key::ArrowUp, View::Pan(Up), "View: move to another part of the canvas"),
        view(CTRL, Key::ArrowDown, View::Pan(Down), "View: move to another part of the canvas"),
        color(Key::X, ColorCommand::Swap, "Swap foreground and background colour"),
        color(Key::D, ColorCommand::Reset, "Black on white"),
        color(Key::V, ColorCommand::OpenRamp, "Value ramp at the pointer; release a held key to take its colour"),
        close_ramp(Key::V, ColorCommand::LeaveRamp, "Value ramp: leave it"),
        close_ramp(Key::Enter, ColorCommand::TakeRamp, "Value ramp: take the colour"),
        swatch(SHIFT, Key::ArrowLeft, PaletteCommand::MoveFocusedEarlier, "Palette: move the colour to the front"),
        swatch(SHIFT, Key::ArrowRight, PaletteCommand::MoveFocusedLater, "Palette: move the colour to the back"),
        held(NONE, Key::OpenBracket, NotTyping, Canvas(SmallerBrush), "Smaller brush"),
        held(NONE, Key::CloseBracket, NotTyping, Canvas(LargerBrush), "Larger brush"),
        held(NONE, Key::Period, NotTyping, UserCommand::Brush(BrushCommand::NextPreset), "Next brush"),
        held(NONE, Key::Comma, NotTyping, UserCommand::Brush(BrushCommand::PreviousPreset), "Previous brush"),
        once(NONE, Key::Slash, NotTyping, UserCommand::Brush(BrushCommand::LastPreset), "The brush used before"),
        result(Key::Num1, 0),
        result(Key::Num2, 1),
        result(Key::Num3, 2),
        result(Key::Num4, 3),
        result(Key::Num5, 4),
        result(Key::Num6, 5),
        result(Key::Num7, 6),
        result(Key::Num8, 7),
        result(Key::Num9, 8),
        once(NONE, Key::F2, Always, Document(DocumentCommand::ChooseName), "Rename the document"),
        once(CTRL, Key::H, Always, UserCommand::Prompt(PromptCommand::ShowPast), "Find a prompt that was used before"),
        history(Key::H, Past::Toggle, "Show or hide the history of rounds"),
        once(CTRL, Key::F, Always, UserCommand::History(Past::Find), "Find rounds by words of prompt or note"),
        in_list(Key::PageUp, NotTyping, Past::Earlier, "Show the previous round in the history"),
        in_list(Key::PageDown, NotTyping, Past::Later, "Show the next round in the history"),
        shift_arrow(Key::ArrowLeft, Left),
        shift_arrow(Key::ArrowRight, Right),
        ramp(Key::ArrowLeft, -1, 0, "Value ramp: darker"),
        ramp(Key::ArrowRight, 1, 0, "Value ramp: lighter"),
        ramp(Key::ArrowUp, 0, 1, "Value ramp: warmer"),
        ramp(Key::ArrowDown, 0, -1, "Value ramp: cooler"),
        in_list(Key::ArrowLeft, OnHistory, Past::Step(Left), IN_LIST),
        in_list(Key::ArrowRight, OnHistory, Past::Step(Right), IN_LIST),
        in_list(Key::ArrowUp, OnHistory, Past::Step(Up), IN_LIST),
        in_list(Key::ArrowDown, OnHistory, Past::Step(Down), IN_LIST),
        in_list(Key::Home, OnHistory, Past::First, "History: move to the first round"),
        view(NONE, Key::Home, View::Zoom(ZoomStep::Fit), "View: show the whole canvas"),
        in_list(Key::End, OnHistory, Past::Last, "History: move to the last round"),
        once(NONE, Key::Enter, InPlace, UserCommand::Gallery(Shelf::TakeShown), "Paint over the result in place"),
        once(NONE, Key::U, InPlace, UserCommand::Gallery(Shelf::ShowSketch), "Results: hold to see the canvas itself"),
        once(SHIFT, Key::R, NotTyping, UserCommand::Gallery(Shelf::ToggleFolded), "Fold or unfold the results"),
        once(NONE, Key::R, NotTyping, UserCommand::Gallery(Shelf::Focus), "Go through the results with arrow keys"),
        once(NONE, Key::G, NotTyping, UserCommand::Gallery(Shelf::ToggleGrid), "Show results in a grid, or one large"),
        walk(Key::ArrowLeft, Left),
        walk(Key::ArrowRight, Right),
        walk(Key::ArrowUp, Up),
        walk(Key::ArrowDown, Down),
        once(NONE, Key::Enter, OnHistory, UserCommand::History(Past::GoBackToShown), "History: go back to this round"),
        once(SHIFT, Key::S, NotTyping, UserCommand::Brush(BrushCommand::NextSymmetry), "Symmetry: next axis, or none"),
        history(Key::S, Past::ToggleStar, "Mark the result with a star, or take the star away"),
        history(Key::N, Past::EditNote, "Write a note about the result"),
        once(CTRL, Key::Delete, NotTyping, UserCommand::History(Past::DeleteShownRound), "Delete the round"),
        swatch(NONE, Key::Delete, PaletteCommand::DeleteFocused, "Palette: delete the colour"),
        once(NONE, Key::Delete, OnHistory, UserCommand::History(Past::DeleteShownRound), "History: delete the round"),
        history(Key::Delete, Past::DeleteShownResult, "Delete the result"),
        once(NONE, Key::C, NotTyping, Compare(Open), "Compare the canvas with a result, or two picked results"),
        compare(Key::C, Leave, "Compare: return to canvas and results"),
        compare(Key::S, UseMode(CompareMode::Slider), "Compare: with a slider"),
        compare(Key::T, UseMode(CompareMode::SideBySide), "Compare: two pictures side by side"),
        compare(Key::B, Blink, "Compare: switch between the pictures, or hold to see the other"),
        compare(Key::D, UseMode(CompareMode::Difference), "Compare: colour difference"),
        compare(Key::X, Swap, "Compare: swap the pictures"),
        zoom(Key::Plus, ZoomStep::In, "Compare: zoom in"),
        zoom(Key::Equals, ZoomStep::In, "Compare: zoom in"),
        zoom(Key::Minus, ZoomStep::Out, "Compare: zoom out"),
        zoom(Key::F, ZoomStep::Fit, "Compare: show the whole picture"),
        zoom(Key::Z, ZoomStep::FullSize, "Compare: zoom to 100 %"),
        arrow(Key::ArrowLeft, Left),
        arrow(Key::ArrowRight, Right),
        arrow(Key::ArrowUp, Up),
        arrow(Key::ArrowDown, Down),
        compared_result(Key::Num1, 0),
        compared_result(Key::Num2, 1),
        compared_result(Key::Num3, 2),
        compared_result(Key::Num4, 3),
        compared_result(Key::Num5, 4),
        compared_result(Key::Num6, 5),
        compared_result(Key::Num7, 6),
        compared_result(Key::Num8, 7),
        compared_result(Key::Num9, 8),
    ]
};
