//! `sigmascope info`: the adapters of this machine with their limits, and the engines; or, of a file, what
//! is in it.

use clap::Args;
use serde::Serialize;

use super::{Failure, file_info::FileInfo, say, say_json};
use crate::{
    gpu::{AdapterSummary, adapters},
    model::EngineChoice,
};

/// Flags of `info`.
#[derive(Args, Clone, Debug)]
pub struct Info {
    #[command(flatten)]
    file: FileInfo,
    /// Print the lists, or what is in the file, as one JSON object
    #[arg(long, help_heading = "Output")]
    json: bool,
}

#[derive(Serialize)]
struct Report {
    version: &'static str,
    adapters: Vec<AdapterSummary>,
    engines: Vec<EngineInfo>,
}

#[derive(Serialize)]
struct EngineInfo {
    name: &'static str,
    description: &'static str,
}

impl Info {
    /// Runs the command.
    ///
    /// # Errors
    /// When the report cannot be written.
    pub fn run(self) -> Result<(), Failure> {
        if self.file.is_given() {
            return self.file.run(self.json);
        }
        let report = Report {
            version: env!("CARGO_PKG_VERSION"),
            adapters: adapters(),
            engines: EngineChoice::ALL
                .iter()
                .map(|e| EngineInfo { name: e.name(), description: description(*e) })
                .collect(),
        };
        if self.json { say_json(&report) } else { say(&report.text()) }
    }
}

/// One line about an engine, to choose by.
fn description(engine: EngineChoice) -> &'static str {
    match engine {
        EngineChoice::Auto => "the one of gpu, simd and fast that should be done first",
        EngineChoice::Gpu => "the exact sum on an adapter",
        EngineChoice::Naive => "the exact sum on the processor: plain loops in float64, no adapter",
        EngineChoice::Broadcast => "the same with the whole N×M array at once, as in a notebook",
        EngineChoice::Chunked => "the same with arrays of N×chunk",
        EngineChoice::Simd => "the exact sum on the processor: vector instructions, all cores",
        EngineChoice::Fast => {
            "approximately, to --tolerance, in N + M steps, on the processor or on an adapter; 1 to 3 \
             coordinates"
        }
    }
}

impl Report {
    /// The report as lines for a person.
    fn text(&self) -> String {
        let mut lines = vec![format!("sigmascope {}\n\nAdapters, best first:", self.version)];
        if self.adapters.is_empty() {
            lines.push("  none: install a Vulkan, Metal, DirectX 12 or OpenGL driver".to_owned());
        }
        for adapter in &self.adapters {
            let AdapterSummary { driver, hindrance, limits, .. } = adapter;
            let note = hindrance.as_ref().map(|why| format!("  [not usable: {why}]"));
            let note = note.unwrap_or_default();
            let mib = |bytes: u64| format!("{} MiB", bytes >> 20);
            lines.extend([
                format!("  {}{note}", adapter.title()),
                format!("      driver                {driver}"),
                format!("      largest buffer        {}", mib(limits.max_buffer_size)),
                format!(
                    "      largest binding       {}",
                    mib(limits.max_storage_buffer_binding_size)
                ),
                format!("      largest texture side  {} px", limits.max_texture_dimension_2d),
                format!(
                    "      workgroup memory      {} B",
                    limits.max_compute_workgroup_storage_size
                ),
            ]);
        }
        lines.push("\nEngines:".to_owned());
        let engines = self.engines.iter();
        lines.extend(engines.map(|e| format!("  {:<9} {}", e.name, e.description)));
        lines.join("\n")
    }
}
