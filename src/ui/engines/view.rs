//! The list of engines.

use egui::{Context, Id, Key, Modal, RichText, ScrollArea, TextEdit, Ui};

use super::state::{Engines, TypedServer};
use crate::remote::{KeptServer, Login, ServerUrl};
use crate::ui::state::WindowState;
use crate::ui::{EngineCommand, UserCommand, theme};

/// Shows the list while it is open. Escape, a click beside it and its button close it.
pub(super) fn show(ctx: &Context, state: &mut WindowState) -> Option<UserCommand> {
    if !state.engines.is_open {
        return None;
    }
    let mut command = None;
    let screen = ctx.content_rect().size();
    let engines = &mut state.engines;
    let shown = Modal::new(Id::unique("engines")).show(ctx, |ui| {
        ui.set_width((screen.x - 80.0).min(560.0));
        theme::section(ui, "Engines");
        ui.label(
            RichText::new(
                "Which machines make the pictures. A batch is shared by all that are switched on and have the model.",
            )
            .small()
            .weak(),
        );
        ScrollArea::vertical().max_height((screen.y - 300.0).max(90.0)).show(ui, |ui| {
            ui.set_width(ui.available_width());
            command = list(ui, engines);
        });
        ui.separator();
        command = add(ui, &mut engines.typed).or(command.take());
        ui.add_space(4.0);
        ui.horizontal(|ui| {
            let has_servers = !engines.list.servers.is_empty();
            let help = "Ask all servers whether they can be reached and which models they have.";
            if ui.add_enabled(has_servers, egui::Button::new("Ask again")).on_hover_text(help).clicked() {
                command = Some(EngineCommand::AskAll);
            }
            ui.button("Close").clicked()
        })
        .inner
    });
    if command.is_none() && (shown.inner || shown.should_close()) {
        command = Some(EngineCommand::Close);
    }
    command.map(UserCommand::from)
}

fn list(ui: &mut Ui, engines: &Engines) -> Option<EngineCommand> {
    let mut command = None;
    let mut local = engines.list.local;
    let is_only = engines.in_force.is_local();
    let help = match is_only {
        true => "Switch a server on to let it make the pictures.",
        false => "Whether this machine makes pictures too.",
    };
    if ui
        .add_enabled(!is_only, egui::Checkbox::new(&mut local, "This machine"))
        .on_hover_text(help)
        .on_disabled_hover_text(help)
        .changed()
    {
        command = Some(EngineCommand::SwitchLocal(local));
    }
    for server in &engines.list.servers {
        command = row(ui, server, engines).or(command);
    }
    command
}

fn row(ui: &mut Ui, server: &KeptServer, engines: &Engines) -> Option<EngineCommand> {
    let mut command = None;
    ui.horizontal(|ui| {
        let mut is_on = server.is_on;
        let help = format!("Let {} make pictures. Sketch, prompt and settings are sent there.", server.url);
        if ui.checkbox(&mut is_on, server.url.host()).on_hover_text(help).changed() {
            command = Some(EngineCommand::Switch(server.url.clone(), is_on));
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let help = format!("Take {} off the list. Its name and password are forgotten.", server.url.host());
            if ui.small_button("Remove").on_hover_text(help).clicked() {
                command = Some(EngineCommand::Remove(server.url.clone()));
            }
        });
    });
    let (text, is_trouble) = health(server, engines);
    let text = RichText::new(text).small();
    let text = if is_trouble { text.color(theme::colors(ui).error) } else { text.weak() };
    ui.indent(Id::unique(("health", server.url.as_str())), |ui| ui.label(text));
    command
}

/// What is known of a server in one line, and whether it is trouble.
fn health(server: &KeptServer, engines: &Engines) -> (String, bool) {
    let mut words = Vec::new();
    match engines.health(&server.url) {
        Some(None) => words.push("is being asked…".to_owned()),
        Some(Some(Err(reason))) => return (reason.clone(), true),
        Some(Some(Ok(health))) => {
            words.push(match health.program.is_empty() {
                true => health.kind.label().to_owned(),
                false => health.program.clone(),
            });
            words.push(match health.models.len() {
                0 => "lists no models".to_owned(),
                1 => "1 model".to_owned(),
                count => format!("{count} models"),
            });
            if let Some(jobs) = health.jobs {
                words.push(if jobs == 1 { "1 job".into() } else { format!("{jobs} jobs") });
            }
        }
        None => words.push(server.kind.map_or("not asked yet", |kind| kind.label()).to_owned()),
    }
    if let Some(seconds) = server.seconds {
        words.push(format!("last picture in {seconds} s"));
    }
    (words.join(", "), false)
}

/// The fields for another server.
fn add(ui: &mut Ui, typed: &mut TypedServer) -> Option<EngineCommand> {
    let mut is_entered = false;
    ui.horizontal_wrapped(|ui| {
        let label = ui.label("Server");
        let edit = TextEdit::singleline(&mut typed.address).hint_text("http://host:7860").desired_width(190.0);
        let response = ui.add(edit).labelled_by(label.id);
        is_entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let label = ui.label("Name");
        ui.add(TextEdit::singleline(&mut typed.name).desired_width(70.0)).labelled_by(label.id);
        let label = ui.label("Password");
        ui.add(TextEdit::singleline(&mut typed.password).password(true).desired_width(70.0)).labelled_by(label.id);
        let help = "Add the server to the list. What it is and has is found by asking it; nothing else is sent yet.";
        is_entered |= ui.button("Add").on_hover_text(help).clicked();
    });
    if !typed.trouble.is_empty() {
        ui.label(RichText::new(&typed.trouble).small().color(theme::colors(ui).error));
    }
    if !is_entered {
        return None;
    }
    match read(typed) {
        Ok((url, login)) => {
            *typed = TypedServer::default();
            Some(EngineCommand::Add(url, login))
        }
        Err(trouble) => {
            typed.trouble = trouble;
            None
        }
    }
}

fn read(typed: &TypedServer) -> Result<(ServerUrl, Option<Login>), String> {
    let url = ServerUrl::parse(&typed.address)?;
    if typed.name.is_empty() && typed.password.is_empty() {
        return Ok((url, None));
    }
    if typed.name.contains(':') {
        return Err("A name cannot have a colon in it.".into());
    }
    let pair = format!("{}:{}", typed.name, typed.password);
    let login = Login::from_text(&pair).map_err(|_| "Type a name besides the password.".to_owned())?;
    Ok((url, Some(login)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_becomes_a_server_or_a_sentence() {
        let typed = |address: &str, name: &str, password: &str| {
            let text = |text: &str| text.to_owned();
            read(&TypedServer {
                address: text(address),
                name: text(name),
                password: text(password),
                ..Default::default()
            })
        };
        assert!(matches!(typed("studio:7860", "", ""), Ok((url, None)) if url.host() == "studio:7860"));
        assert!(matches!(typed("studio", "anna", "a:b"), Ok((_, Some(login))) if login.as_text() == "anna:a:b"));
        for (address, name, password) in [("", "", ""), ("http://a:b@c", "", ""), ("a", "", "x"), ("a", "b:c", "x")] {
            let trouble = typed(address, name, password).expect_err("wrong");
            assert!(trouble.ends_with('.'), "{trouble}");
        }
    }
}
