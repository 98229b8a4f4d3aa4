//! Answers to questions, and closing things.

use crate::ui::Notice;

/// Commands that answer a question or close something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViewCommand {
    /// Close the window, after everything is kept.
    Quit,
    /// Show the About window.
    ShowAbout,
    /// Replace the existing file that was asked about.
    ReplaceFile,
    /// Ask for another file name instead.
    ChooseOtherName,
    /// Dismiss the question about replacing a file.
    KeepFile,
    /// Dismiss the notice about results that could not be written.
    DismissUnsaved,
    /// Dismiss this notice over the canvas, as long as it is about the same.
    Dismiss(Notice),
    /// Dismiss the most urgent notice over the canvas that can be dismissed.
    DismissNotice,
    /// Say that the system could not open a file dialog.
    SayNoDialog,
}
