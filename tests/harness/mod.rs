//! The window without a display, for the tests that drive it through its labels.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use eframe::egui::{self, accesskit::Role};
use egui_kittest::{Harness, HarnessBuilder, kittest::Queryable, wgpu::WgpuTestRenderer};
use sigmascope::{
    app::{Handover, Picked, Picker, Startup, Window, wgpu_setup},
    gpu::Gate,
    model::{Params, Sigma, Theme},
    session::{Scene, Section, Settings},
};

/// Longer than anything here takes on a slow machine.
pub const PATIENCE: Duration = Duration::from_mins(3);

/// A window and what answers its dialogs. Each test file adds what it does to one.
pub struct App {
    pub harness: Harness<'static, Window>,
    pub chosen: Chosen,
}

impl App {
    /// The window as it is at first, at rest.
    pub fn new() -> Self {
        Self::with(Params::default())
    }

    /// One that begins with `params`.
    pub fn with(params: Params) -> Self {
        Self::starting(Startup::new(params))
    }

    /// One that begins as `startup` says.
    pub fn starting(startup: Startup) -> Self {
        let (harness, chosen) = window_from(startup, |builder| builder);
        let mut app = Self { harness, chosen };
        app.settle();
        app
    }

    /// Lets the session finish what was asked for, and the window show it.
    pub fn settle(&mut self) {
        settle(&mut self.harness, 6);
    }

    pub fn window(&self) -> &Window {
        self.harness.state()
    }

    /// What is asked for.
    pub fn params(&self) -> &Params {
        self.window().params()
    }

    /// What is shown.
    pub fn scene(&self) -> Arc<Scene> {
        self.window().session().state().scene.expect("a scene")
    }

    /// The σ that is asked for, or the usual one.
    pub fn sigma(&self) -> f64 {
        self.params().sigma.unwrap_or(Sigma::DEFAULT).get()
    }

    /// Whether some label contains `text`.
    pub fn sees(&self, text: &str) -> bool {
        self.harness.query_all_by_label_contains(text).next().is_some()
    }

    /// Draws frames until something is so.
    #[track_caller]
    pub fn wait_for(&mut self, is_so: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_so(self) {
            self.harness.step();
            assert!(Instant::now() < deadline, "it never came");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The text that a key puts on the clipboard.
    #[track_caller]
    pub fn copied_by(&mut self, modifiers: egui::Modifiers, key: egui::Key) -> String {
        // In a frame of its own: what the next one copies would take its place.
        self.harness.input_mut().events.push(egui::Event::Key {
            key,
            pressed: true,
            modifiers,
            repeat: false,
            physical_key: None,
        });
        self.copied()
    }

    /// The text that is put on the clipboard next.
    #[track_caller]
    pub fn copied(&mut self) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.harness.step();
            let commands = &self.harness.output().platform_output.commands;
            let text = commands.iter().find_map(|command| match command {
                egui::OutputCommand::CopyText(text) => Some(text.clone()),
                _ => None,
            });
            if let Some(text) = text {
                return text;
            }
            assert!(Instant::now() < deadline, "nothing was copied");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Picks `choice` in the list of this name.
    pub fn pick(&mut self, list: &str, choice: &str) {
        self.harness.get_by_role_and_label(Role::ComboBox, list).click();
        self.harness.run_steps(3);
        let choices: Vec<_> = self.harness.get_all_by_label(choice).collect();
        choices.last().expect("the choice is in the list").click();
        self.settle();
    }

    /// Shows the window for colours.
    pub fn open_colors(&mut self) {
        if self.harness.query_by_label("Fix limits").is_none() {
            self.harness.get_by_role_and_label(Role::Button, "Colours…").click();
            self.harness.run_steps(4);
        }
    }

    /// Fixes the limits of the colours in that window, or frees them; the window is closed again.
    pub fn fix_limits(&mut self) {
        self.open_colors();
        self.harness.get_by_role_and_label(Role::CheckBox, "Fix limits").click();
        self.settle();
        self.harness.get_by_role_and_label(Role::Button, "Colours…").click();
        self.settle();
    }

    /// Drops files on the window, together.
    pub fn drop_files(&mut self, files: &[&Path]) {
        for file in files {
            let dropped = Arc::new(Dropped((*file).to_owned()));
            self.harness.input_mut().dropped_files.push(dropped);
        }
        self.harness.run_steps(3);
    }
}

/// A file dropped on the window.
#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|err| err.to_string())
    }
}

/// Answers file dialogs with what the test put in.
#[derive(Clone, Default)]
pub struct Chosen(pub Arc<Mutex<Vec<Picked>>>);

impl Picker for Chosen {
    fn open_points(&mut self) {}
    fn open_sources(&mut self) {}
    fn save_picture(&mut self) {}
    fn save_table(&mut self) {}
    fn picked(&mut self) -> Option<Picked> {
        self.0.lock().expect("no panic").pop()
    }
}

/// A window that begins with `params`, built as `how` says, and what answers its dialogs.
pub fn window(
    params: Params,
    how: impl FnOnce(HarnessBuilder<Window>) -> HarnessBuilder<Window>,
) -> (Harness<'static, Window>, Chosen) {
    window_from(Startup::new(params), how)
}

/// A window that begins as `startup` says, in the dark.
pub fn window_from(
    startup: Startup,
    how: impl FnOnce(HarnessBuilder<Window>) -> HarnessBuilder<Window>,
) -> (Harness<'static, Window>, Chosen) {
    window_unfolded(startup, true, how)
}

/// The same; `unfolded` says whether the sections of the side panel are unfolded where `startup` says
/// nothing of them.
pub fn window_unfolded(
    startup: Startup,
    unfolded: bool,
    how: impl FnOnce(HarnessBuilder<Window>) -> HarnessBuilder<Window>,
) -> (Harness<'static, Window>, Chosen) {
    let chosen = Chosen::default();
    let picker = Box::new(chosen.clone());
    let mut settings = Settings { theme: Some(Theme::Dark), ..startup.settings };
    if unfolded && settings.unfolded.is_empty() {
        // What a test is about need not be unfolded first, but for what is long.
        let long = [Section::Selection, Section::AxisRules, Section::OtherPrograms];
        let sections = Section::ALL.into_iter().filter(|section| !long.contains(section));
        settings.unfolded = sections.collect();
    }
    let startup = Startup { settings, ..startup };
    let builder = Harness::builder()
        // High enough for all controls.
        .with_size([1280.0, 1200.0])
        .with_step_dt(1.0 / 60.0)
        .renderer(WgpuTestRenderer::from_setup(wgpu_setup(None)));
    let harness = how(builder).build_eframe(move |cc| {
        Window::new(cc, startup, picker, Handover::default(), Gate::default()).expect("a window")
    });
    (harness, chosen)
}

/// Lets the session finish what was asked for, and the window show it for `frames` frames.
pub fn settle(harness: &mut Harness<'static, Window>, frames: usize) {
    let deadline = Instant::now() + PATIENCE;
    let mut calm = 0;
    while calm < frames {
        harness.step();
        let session = harness.state().session();
        assert!(session.wait(PATIENCE), "it never ended");
        // What is drawn then does not change any more. The curves wait while a button is down, which
        // the next frame may change.
        let advised = session.advice().wait(Duration::from_millis(200));
        if !advised {
            // They wait until all dots are drawn, too.
            harness.render().expect("an image");
        }
        let session = harness.state().session();
        calm = if advised && session.is_idle() { calm + 1 } else { 0 };
        assert!(Instant::now() < deadline, "the window never settled");
    }
}
