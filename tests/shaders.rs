//! The shaders, read by naga as the device's driver will: they are valid WGSL, need no optional
//! feature, and lay out their data as the mirrors in Rust do. Needs no adapter.

use std::collections::BTreeSet;
use std::mem::{offset_of, size_of};

use naga::{
    AddressSpace, Module, TypeInner,
    proc::Layouter,
    valid::{Capabilities, ModuleInfo, ValidationFlags, Validator},
};
use sigmascope::gpu::{backdrop, field, gauss_sum, layer, scatter};

/// Storage buffers that an entry point may use; WebGPU promises eight.
const MAX_STORAGE_BUFFERS: usize = 6;
/// Bytes of workgroup memory that every WebGPU device has.
const MAX_WORKGROUP_MEMORY: u32 = 16 << 10;

/// One shader and what Rust knows of it.
struct Shader {
    /// Name of the file in `shaders/`.
    file: &'static str,
    source: &'static str,
    structs: Vec<Mirror>,
    /// Constants that stand in both languages.
    constants: &'static [(&'static str, usize)],
    /// Invocations of a workgroup of every compute entry point.
    workgroup: usize,
}

/// A structure in Rust: its name, size, and the name and offset of each member.
struct Mirror {
    name: &'static str,
    size: usize,
    members: Vec<(&'static str, usize)>,
}

/// Names every member of a structure, or does not compile.
macro_rules! mirror {
    ($module:ident :: $name:ident { $($member:ident),+ $(,)? }) => {{
        let _every_member = |whole: $module::gpu_data::$name| {
            let $module::gpu_data::$name { $($member: _),+ } = whole;
        };
        Mirror {
            name: stringify!($name),
            size: size_of::<$module::gpu_data::$name>(),
            members: vec![
                $((stringify!($member), offset_of!($module::gpu_data::$name, $member))),+
            ],
        }
    }};
}

fn shaders() -> Vec<Shader> {
    vec![
        Shader {
            file: "gauss_sum.wgsl",
            source: gauss_sum::SHADER,
            structs: vec![mirror!(gauss_sum::Slice {
                first_target,
                end_target,
                first_source,
                end_source,
                chunk,
                fresh,
                zero,
                c,
                c_head,
                c_tail,
                low_scale,
                shift,
                targets_low,
                sources_low,
            })],
            constants: &[
                ("WORKGROUP", gauss_sum::WORKGROUP),
                ("TARGETS", gauss_sum::TARGETS),
                ("TILE", gauss_sum::TILE),
            ],
            workgroup: gauss_sum::WORKGROUP,
        },
        Shader {
            file: "field.wgsl",
            source: field::SHADER,
            structs: vec![
                mirror!(field::Work { n, logarithmic, low, high, scale, floor, padding }),
                mirror!(field::Range {
                    max_key,
                    inverted_min_key,
                    inverted_min_positive_key,
                    zeros,
                    below,
                    above,
                    padding,
                    bins,
                }),
            ],
            constants: &[("WORKGROUP", gauss_sum::WORKGROUP), ("BINS", field::BINS)],
            workgroup: gauss_sum::WORKGROUP,
        },
        Shader {
            file: "scatter.wgsl",
            source: scatter::SHADER,
            structs: vec![mirror!(scatter::View {
                center,
                center_low,
                clip_per_data,
                clip_per_pixel,
                radius,
                opacity,
                low,
                high,
                logarithmic,
                linear_target,
                rim,
                rim_light,
                below,
                height_is_value,
                padding,
            })],
            constants: &[],
            workgroup: 0,
        },
        Shader {
            file: "backdrop.wgsl",
            source: backdrop::SHADER,
            structs: vec![],
            constants: &[],
            workgroup: 0,
        },
        Shader {
            file: "layer.wgsl",
            source: layer::SHADER,
            structs: vec![mirror!(layer::Place { corner, padding })],
            constants: &[],
            workgroup: 0,
        },
    ]
}

impl Shader {
    /// The shader as naga understands it, with no capability beyond WebGPU's defaults.
    fn read(&self) -> (Module, ModuleInfo) {
        let file = self.file;
        let module = naga::front::wgsl::parse_str(self.source)
            .unwrap_or_else(|err| panic!("{}", err.emit_to_string_with_path(self.source, file)));
        let info = Validator::new(ValidationFlags::all(), Capabilities::default())
            .validate(&module)
            .unwrap_or_else(|err| panic!("{}", err.emit_to_string_with_path(self.source, file)));
        (module, info)
    }
}

#[test]
fn every_shader_is_valid_without_optional_features() {
    for shader in shaders() {
        let (module, _) = shader.read();
        assert!(!module.entry_points.is_empty(), "{} does nothing", shader.file);
    }
}

#[test]
fn every_file_of_the_folder_is_looked_at_here() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("shaders");
    let found: BTreeSet<String> = std::fs::read_dir(folder)
        .expect("the folder of shaders")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    let known = shaders().iter().map(|shader| shader.file.to_owned()).collect();
    assert_eq!(found, known);
}

#[test]
fn the_mirrors_in_rust_lay_out_each_structure_as_the_shader_does() {
    for shader in shaders() {
        let (module, _) = shader.read();
        for (_, variable) in module.global_variables.iter() {
            if !matches!(variable.space, AddressSpace::Uniform | AddressSpace::Storage { .. }) {
                continue;
            }
            let ty = &module.types[variable.ty];
            let file = shader.file;
            match &ty.inner {
                TypeInner::Struct { members, span } => {
                    let name = ty.name.as_deref().expect("structures have names");
                    let mirror = shader.structs.iter().find(|mirror| mirror.name == name);
                    let mirror = mirror.unwrap_or_else(|| panic!("{file}: {name} has no mirror"));
                    assert_eq!(*span as usize, mirror.size, "{file}: size of {name}");
                    let is_data = |name: &str| !name.starts_with("padding");
                    let members: Vec<_> = members
                        .iter()
                        .map(|m| (m.name.as_deref().unwrap_or_default(), m.offset as usize))
                        .filter(|(name, _)| is_data(name))
                        .collect();
                    let expected: Vec<_> =
                        mirror.members.iter().copied().filter(|(name, _)| is_data(name)).collect();
                    assert_eq!(members, expected, "{file}: {name}");
                }
                // Points and sums, [f32; 2] each, and the field, f32.
                TypeInner::Array { stride, .. } => {
                    let element = if variable.name.as_deref() == Some("field") { 4 } else { 8 };
                    assert_eq!(*stride, element, "{file}: {:?}", variable.name);
                }
                other => panic!("{file}: {:?} is {other:?}", variable.name),
            }
        }
    }
}

#[test]
fn workgroups_and_tiles_are_as_large_as_rust_plans_for() {
    for shader in shaders() {
        let (module, _) = shader.read();
        for entry in module.entry_points.iter().filter(|e| e.stage == naga::ShaderStage::Compute) {
            let size = entry.workgroup_size.map(|side| side as usize);
            assert_eq!(size, [shader.workgroup, 1, 1], "{}: {}", shader.file, entry.name);
        }
        for &(name, expected) in shader.constants {
            let (_, constant) = module
                .constants
                .iter()
                .find(|(_, constant)| constant.name.as_deref() == Some(name))
                .unwrap_or_else(|| panic!("{}: there is no {name}", shader.file));
            let value = match module.global_expressions[constant.init] {
                naga::Expression::Literal(naga::Literal::U32(value)) => value as usize,
                ref other => panic!("{}: {name} is {other:?}", shader.file),
            };
            assert_eq!(value, expected, "{}: {name}", shader.file);
        }
    }
}

#[test]
fn each_entry_point_keeps_within_what_every_device_has() {
    for shader in shaders() {
        let (module, info) = shader.read();
        let mut layouter = Layouter::default();
        layouter.update(module.to_ctx()).expect("sizes of types");
        for (index, entry) in module.entry_points.iter().enumerate() {
            let used = info.get_entry_point(index);
            let uses = |space: fn(&AddressSpace) -> bool| {
                module
                    .global_variables
                    .iter()
                    .filter(move |(handle, v)| space(&v.space) && !used[*handle].is_empty())
            };
            let buffers = uses(|space| matches!(space, AddressSpace::Storage { .. })).count();
            let memory: u32 = uses(|space| matches!(space, AddressSpace::WorkGroup))
                .map(|(_, variable)| layouter[variable.ty].size)
                .sum();
            let place = format!("{}: {}", shader.file, entry.name);
            assert!(buffers <= MAX_STORAGE_BUFFERS, "{place} uses {buffers} storage buffers");
            assert!(memory <= MAX_WORKGROUP_MEMORY, "{place} uses {memory} bytes");
        }
    }
}
