//! Carries out the user's commands.

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError},
};

use eframe::egui::{ColorImage, Context, ScreenshotCallback, ViewportCommand};

use super::{
    super::{Command, ResumeMode, plot::PlotState, style},
    Window,
};
use crate::{
    model::{EngineChoice, Input, Masses, OnlyRows, Params, Projection, Reading},
    selection::SharedRows,
    session::{
        Job, Notice, NoticeKind, PageChoice, Repeat, Saved, Section, SelectionChange, SizeChoice,
        Viewport, exact_engine, is_document,
    },
};

impl Window {
    /// Loads points from other files.
    pub(super) fn load(&mut self, targets: PathBuf, sources: Option<PathBuf>) {
        if sources.is_none() && is_document(&targets) {
            self.open_document(targets);
            return;
        }
        if self.answer_missing(&targets) {
            return;
        }
        self.execute_load(Input::Files { targets, sources, columns: Vec::new() });
    }

    fn execute_load(&mut self, input: Input) {
        self.begin_opening(match &input {
            Input::Files { targets, .. } => Some(targets.clone()),
            Input::Generated => None,
        });
        let same = self.params.input == input;
        // Other points need another σ, and other columns are other axes.
        self.params = Params { n: None, m: None, only: None, sigma: None, ..self.params.clone() };
        if !same {
            // How one file is read says nothing about another.
            let of = |input: &Input| match input {
                Input::Files { targets, .. } => Some(targets.clone()),
                Input::Generated => None,
            };
            if of(&input) != of(&self.params.input) {
                self.params.reading = Reading::default();
            }
            let projection = Projection::opening(&input);
            self.params =
                Params { input, dim: None, weights: None, projection, ..self.params.clone() };
        }
        self.params.view.clip = None;
        if same {
            self.session.repeat(Repeat::Everything);
        }
    }

    /// Carries out a command.
    pub(super) fn execute(&mut self, ctx: &Context, command: Command) {
        match command {
            Command::OpenDialog => self.picker.open_points(),
            Command::OpenSourcesDialog => self.picker.open_sources(),
            Command::Load(input) => self.execute_load(input),
            Command::Reload | Command::Resume if self.held => self.unanswered = None,
            Command::Reload => {
                self.watching.begin();
                self.session.repeat(Repeat::Everything);
            }
            Command::ReadAgain => self.read_again(),
            Command::LeaveChanged => self.watching.leave(),
            Command::Watch(by_itself) => self.watch_files(by_itself),
            Command::Generate => self.execute_load(Input::Generated),
            Command::Reroll => {
                self.params.seed = self.params.seed.wrapping_mul(6_364_136_223_846_793_005) >> 44;
                self.params.seed += 1;
            }
            Command::Undo => self.undo(ctx),
            Command::Redo => self.redo(ctx),
            Command::Fit => {
                self.plot.viewport = Viewport::Home;
                self.plot.space.fit(false);
            }
            Command::Axes => self.axes.open = !self.axes.open,
            Command::FitAll => {
                self.plot.viewport = Viewport::All;
                self.plot.space.fit(true);
            }
            Command::Space => self.turn_space(),
            Command::Camera(wanted) => self.plot.space.go(wanted),
            Command::Play => self.toggle_play(),
            Command::CompareSigmas => self.toggle_comparison(),
            Command::NextComparison => {
                if let Some(split) = &mut self.plot.split {
                    split.mode = split.mode.next();
                }
            }
            Command::TakeSigma(sigma) => self.set_sigma(sigma.get()),
            Command::FixLimits => self.toggle_lock(),
            Command::Colors => self.colors = !self.colors,
            Command::SidePanel => self.fold_panel(ctx),
            Command::Ring => {
                let shown = !self.shows_ring();
                self.remember(ctx, |settings| settings.ring = Some(shown));
            }
            Command::Dots => self.params.view.dots = !self.params.view.dots,
            Command::Raster => {
                let is_plane = self.scene().is_none_or(|scene| scene.shown.is_plane());
                let view = &mut self.params.view;
                view.raster = !view.raster;
                // Dots cover what lies under them; both can be shown.
                if is_plane {
                    view.dots = !view.raster;
                }
            }
            Command::Marginals => self.params.view.marginals = !self.params.view.marginals,
            Command::Contours => {
                let view = &mut self.params.view;
                view.contours = match view.contours {
                    Some(_) => None,
                    None => Some(Masses::default()),
                };
            }
            Command::Filmstrip => {
                let shown = !self.shows_filmstrip();
                self.remember(ctx, |settings| settings.filmstrip = Some(shown));
            }
            Command::Table => {
                let shown = !self.shows_table();
                self.remember(ctx, |settings| settings.table = Some(shown));
            }
            Command::Stop => self.stop(),
            Command::Resume => self.session.repeat(Repeat::Unfinished),
            Command::SaveDialog => {
                self.save.destination.open = true;
                if let Some(page) = &self.preferences.settings().page {
                    self.save.choice = page.clone();
                }
            }
            Command::BrowseForPicture => self.picker.save_picture(),
            Command::SavePicture { path, page, replace } => {
                self.save_picture(ctx, path, &page, replace);
            }
            Command::SaveAnimationDialog => self.ask_for_animation(),
            Command::BrowseForAnimation => self.picker.save_animation(),
            Command::SaveAnimation { path, animation, page, replace } => {
                self.start_animation(ctx, path, animation, &page, replace);
            }
            Command::StopAnimation => self.session.jobs().stop_animation(),
            Command::SaveSessionDialog => self.save_session.destination.open = true,
            Command::BrowseForSession => self.picker.save_session(),
            Command::SaveSession { path, paths, replace } => {
                self.save_session.destination.open = false;
                self.preferences.remember_folder_of(ctx, &path);
                self.save_session(path, paths, replace);
            }
            Command::CopyCommand => {
                let page = PageChoice { size: SizeChoice::Screen(1), ..PageChoice::default() };
                self.copy_command(ctx, &page, "sigmascope.png".to_owned());
            }
            Command::CopyTarget => self.copy_target(ctx),
            Command::CopyCommandOf { page, out } => self.copy_command(ctx, &page, out),
            Command::OpenRecent(path) => self.load(path, None),
            Command::LookForRecent => {
                let recent = self.preferences.settings().recent.clone();
                self.session.jobs().add(Job::LookFor(recent));
            }
            Command::LeaveDocument => self.missing = None,
            Command::SaveTableDialog => self.save_table.destination.open = true,
            Command::BrowseForTable => self.picker.save_table(),
            Command::SaveTable { path, format, with, selected, replace } => {
                self.save_table.destination.open = false;
                self.preferences.remember_folder_of(ctx, &path);
                if let Some(scene) = self.scene().map(Arc::clone) {
                    let rows = selected.then(|| Arc::clone(&self.state.selection.rows));
                    let job = Job::SaveTable { scene, path, format, with, rows, replace };
                    self.session.jobs().add(job);
                }
            }
            Command::Tool(tool) => self.plot.tool = tool,
            Command::Select(change) => self.session.selection().change(change),
            Command::Measure => {
                let is_space = self.scene().is_some_and(|scene| scene.shown.space().is_some());
                match self.pinned_target() {
                    Some(target) if is_space => self.plot.space.measure(target),
                    _ => {
                        let text = "Distances are measured in space, between rows that are pinned: click one in \
                                    the table, or press Enter there";
                        let text = text.to_owned();
                        self.notices.push(Notice { kind: NoticeKind::BadInput, text });
                    }
                }
            }
            Command::SelectByValue => {
                if !self.shows_panel(ctx) {
                    self.fold_panel(ctx);
                }
                if !self.controls.unfolded.contains(&Section::Selection) {
                    self.controls.unfolded.push(Section::Selection);
                    self.controls.unfolded.sort_unstable();
                }
                self.controls.selection.focus();
            }
            Command::OnlyThese { targets, sources } => self.take_only(targets, sources),
            Command::AllRows => self.params.only = None,
            Command::CopyRows => {
                let rows = Arc::clone(&self.state.selection.rows);
                if !rows.is_empty() {
                    self.session.jobs().add(Job::CopyRows(rows));
                }
            }
            Command::HideRest => {
                let view = &mut self.params.view;
                view.hides_rest = !view.hides_rest;
            }
            Command::Columns => self.columns.open = !self.columns.open,
            Command::LoadTwo => {
                let mut files = std::mem::take(&mut self.dropped).into_iter();
                if let (Some(targets), sources) = (files.next(), files.next()) {
                    self.load(targets, sources);
                }
            }
            Command::LoadJoined => {
                let mut files = std::mem::take(&mut self.dropped).into_iter();
                if let Some(first) = files.next() {
                    self.load(first, None);
                    self.params.reading.more = files.collect();
                }
            }
            Command::Copy if self.compare.is_copied(&self.state) => self.copy_comparison(ctx),
            Command::Copy if self.table.is_copied() => self.copy_rows(ctx),
            Command::CopyComparison => self.copy_comparison(ctx),
            Command::SaveComparison { path, replace } => {
                self.compare.save.destination.open = false;
                self.preferences.remember_folder_of(ctx, &path);
                if let Some(comparison) = self.state.comparison.clone() {
                    let job = Job::SaveComparison { comparison, path, replace };
                    self.session.jobs().add(job);
                }
            }
            Command::Copy | Command::CopyPicture => {
                self.copy_picture(ctx);
            }
            Command::SaveWindow => {
                let (shot, wake) = (Arc::clone(&self.screenshot), ctx.clone());
                let callback = ScreenshotCallback::new(move |image| {
                    *shot.lock().unwrap_or_else(PoisonError::into_inner) = Some(image);
                    wake.request_repaint();
                });
                ctx.send_viewport_cmd(ViewportCommand::Screenshot(callback));
            }
            Command::CompareEngines => self.compare.open = !self.compare.open,
            Command::RunComparison(engines) => self.session.jobs().compare(engines),
            Command::StopComparison => self.session.jobs().stop_comparison(),
            Command::Shortcuts => self.shortcuts = !self.shortcuts,
            Command::Theme(theme) => {
                style::set_theme(ctx, theme);
                self.remember(ctx, |settings| settings.theme = Some(theme));
            }
            Command::ResumeAfterLosses(how) => self.go_on(how),
            Command::Restore => {
                if let Some(Saved { params, viewport, selection, space }) = self.recovered.take() {
                    self.params = params;
                    self.select_with_params(&selection.0);
                    self.plot = PlotState::at(viewport, space);
                    self.forget_recovered();
                }
            }
            Command::AnswerLater => self.answer_later(),
            Command::DiscardRecovered => {
                self.recovered = None;
                self.forget_recovered();
            }
            Command::Exact => {
                if let Some(scene) = self.scene() {
                    self.params.engine = exact_engine(self.session.gpu(), &scene.prepared.points);
                }
            }
            Command::Reset => {
                // The points and the engine stay.
                let Params { input, engine, .. } = self.params.clone();
                let projection = Projection::opening(&input);
                self.params = Params { input, engine, projection, ..Params::default() };
                self.plot.viewport = Viewport::Home;
            }
            Command::Quit => ctx.send_viewport_cmd(ViewportCommand::Close),
        }
    }

    /// Takes only the selected rows as targets, as sources, or as both.
    fn take_only(&mut self, targets: bool, sources: bool) {
        let rows = SharedRows(Arc::clone(&self.state.selection.rows));
        if !rows.0.is_empty() {
            self.params.only = Some(OnlyRows { rows, targets, sources });
        }
    }

    /// Selects nothing; says whether something was selected.
    pub(super) fn deselect(&mut self) -> bool {
        let is_any = !self.state.selection.is_empty();
        if is_any {
            self.session.selection().change(SelectionChange::to_nothing());
        }
        is_any
    }

    /// Puts the table of timed engines on the clipboard.
    fn copy_comparison(&mut self, ctx: &Context) {
        let Some(comparison) = &self.state.comparison else { return };
        let notice = match comparison.tab_separated() {
            Ok(table) => {
                ctx.copy_text(table);
                Notice { kind: NoticeKind::Done, text: "Copied the table of engines".to_owned() }
            }
            Err(err) => {
                let text = format!("the table was not copied: {err}");
                Notice { kind: NoticeKind::Failed, text }
            }
        };
        self.notices.push(notice);
    }

    /// Saves a screenshot that has arrived.
    pub(super) fn save_window(&self, image: Arc<ColorImage>) {
        let size = image.size.map(|side| side as u32);
        let image = Arc::new(Screenshot(image));
        self.session.jobs().add(Job::SaveImage { image, size, stem: "sigmascope-window".into() });
    }

    /// Puts a question off: what a window that crashed had on screen is offered at the next start, and how
    /// to go on after losses of the device is asked when something else is wanted.
    fn answer_later(&mut self) {
        if self.asks_how() {
            self.unanswered = Some(self.params.clone());
            let text = "Nothing is computed: press F5 to choose how to go on";
            self.notices.push(Notice { kind: NoticeKind::Lost, text: text.to_owned() });
        } else if self.recovered.is_some() {
            self.recovered = None;
        } else {
            self.dropped.clear();
        }
    }

    /// Computes again, in the chosen way, after repeated losses of the device.
    fn go_on(&mut self, how: ResumeMode) {
        self.held = false;
        match how {
            ResumeMode::AsBefore => {}
            ResumeMode::SmallerSlices => {
                self.slice_seconds /= 4.0;
                self.session.pacing().set_slice_seconds(self.slice_seconds);
            }
            ResumeMode::OnProcessor => self.params.engine = EngineChoice::Simd,
        }
    }

    fn forget_recovered(&self) {
        if let Some(files) = self.preferences.files() {
            Saved::forget(files);
        }
    }
}

/// A screenshot's pixels as bytes, without a copy.
struct Screenshot(Arc<ColorImage>);

impl AsRef<[u8]> for Screenshot {
    fn as_ref(&self) -> &[u8] {
        self.0.as_raw()
    }
}
