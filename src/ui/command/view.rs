//! Answers to questions, and closing things.

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
    /// Say that the system could not open a file dialog.
    SayNoDialog,
}
