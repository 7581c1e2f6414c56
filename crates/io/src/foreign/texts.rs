//! The kinds of text files that are known and not read, and some of binary ones beside them: documents,
//! drawings, molecules.

use super::super::format::Beginning;
use super::Kind;
use super::Sign::{At, BinaryCalled, Markup, Text, Told};

/// How a mesh becomes an array of its points.
const BY_TRIMESH: &str =
    "write the points: numpy.save('points.npy', trimesh.load('FILE').vertices)";
/// How a map becomes a table of its points.
const BY_OGR: &str = "convert it: ogr2ogr -f CSV points.csv FILE -lco GEOMETRY=AS_XY";

/// The kinds; the first that fits counts.
pub(super) const KINDS: &[Kind] = &[
    Kind {
        found: "a GML file",
        remedy: BY_OGR,
        signs: &[
            Markup("gml:"),
            Markup("wfs:featurecollection"),
            Told(|file| is_markup_with(file, b"xmlns:gml=")),
        ],
    },
    Kind { found: "a map of MapInfo", remedy: BY_OGR, signs: &[Text("!table"), Told(is_mif)] },
    Kind { found: "a shape in OFF", remedy: BY_TRIMESH, signs: &[Told(is_off)] },
    Kind {
        found: "a drawing in DXF",
        remedy: BY_OGR,
        signs: &[At(0, b"AutoCAD Binary DXF"), Told(is_dxf)],
    },
    Kind {
        found: "a drawing in DWG",
        remedy: "save it as DXF, then convert that: ogr2ogr -f CSV points.csv FILE -lco GEOMETRY=AS_XY",
        signs: &[
            At(0, b"AC1012"),
            At(0, b"AC1014"),
            At(0, b"AC1015"),
            At(0, b"AC1018"),
            At(0, b"AC1021"),
            At(0, b"AC1024"),
            At(0, b"AC1027"),
            At(0, b"AC1032"),
        ],
    },
    Kind {
        found: "a scene (VRML, X3D, COLLADA, FBX, 3DS)",
        remedy: "convert it: assimp export FILE points.ply, or in Blender File → Export → PLY",
        signs: &[
            Text("#VRML"),
            Text("#X3D"),
            Markup("x3d"),
            Markup("collada"),
            At(0, b"Kaydara FBX Binary"),
            Text("; FBX"),
            BinaryCalled(&["3ds"]),
        ],
    },
    Kind {
        found: "a model in STEP or IGES",
        remedy: "open it in FreeCAD, make a mesh and export it as PLY",
        signs: &[Text("ISO-10303-21;"), Told(is_iges)],
    },
    Kind {
        found: "a LaTeX document",
        remedy: "write the table from the program that made it, such as table.to_csv('points.csv'), or take it \
                 out: astropy.table.Table.read('FILE', format='ascii.latex').write('points.csv')",
        signs: &[Told(is_latex)],
    },
    Kind {
        found: "a table of CDS (machine-readable)",
        remedy: "astropy.table.Table.read('FILE', format='ascii.mrt').write('points.csv')",
        signs: &[Told(|file| {
            memchr::memmem::find(file.bytes, b"\nByte-by-byte Description of ").is_some()
        })],
    },
    Kind {
        found: "an ARFF file of Weka",
        remedy: "pandas.DataFrame(scipy.io.arff.loadarff('FILE')[0]).to_csv('points.csv', index=False)",
        signs: &[Told(|file| begins_with_word(file, &["@relation"]))],
    },
    Kind {
        found: "an ASDF file",
        remedy: "numpy.save('points.npy', asdf.open('FILE')['NAME'])",
        signs: &[At(0, b"#ASDF ")],
    },
    Kind {
        found: "molecules in PDB or mmCIF",
        remedy: "numpy.save('points.npy', MDAnalysis.Universe('FILE').atoms.positions)",
        signs: &[Told(is_pdb), Told(is_mmcif)],
    },
    Kind {
        found: "a trajectory of LAMMPS",
        remedy: "write one step as a table: \
                 ovito.io.export_file(ovito.io.import_file('FILE'), 'points.xyz', 'xyz', \
                 columns=['Position.X', 'Position.Y', 'Position.Z'])",
        signs: &[Text("ITEM: TIMESTEP"), Text("ITEM: UNITS")],
    },
    Kind {
        found: "an SPSS file (.por)",
        remedy: "in SPSS: File → Save as → CSV; in R: \
                 write.csv(haven::read_por('FILE'), 'points.csv', row.names = FALSE)",
        signs: &[At(0, b"ASCII SPSS PORT FILE"), At(40, b"ASCII SPSS PORT FILE")],
    },
    Kind {
        found: "a save file of IDL",
        remedy: "numpy.save('points.npy', scipy.io.readsav('FILE')['NAME'])",
        signs: &[At(0, b"SR\0\x04"), At(0, b"SR\0\x06")],
    },
    Kind {
        found: "a CDF file of NASA",
        remedy: "numpy.save('points.npy', cdflib.CDF('FILE').varget('NAME'))",
        signs: &[At(0, b"\xcd\xf3\0\x01"), At(0, b"\xcd\xf2\x60\x02")],
    },
    Kind {
        found: "a picture in NRRD or MetaImage",
        remedy: "write the places of its cells: numpy.save('points.npy', \
                 numpy.argwhere(SimpleITK.GetArrayFromImage(SimpleITK.ReadImage('FILE')) > 0))",
        signs: &[At(0, b"NRRD000"), Text("ObjectType = Image"), Text("NDims = ")],
    },
    Kind {
        found: "a recording of ROS",
        remedy: "write one message's points: rosrun pcl_ros bag_to_pcd FILE TOPIC FOLDER",
        signs: &[At(0, b"#ROSBAG V"), At(0, b"\x89MCAP0\r\n")],
    },
];

/// The lines of a text that hold something, without spaces around them.
fn lines<'a>(file: &Beginning<'a>) -> impl Iterator<Item = &'a [u8]> {
    let bytes = file.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file.bytes);
    let lines = bytes.split(|b| matches!(b, b'\n' | b'\r')).map(<[u8]>::trim_ascii);
    lines.filter(|line| !line.is_empty())
}

fn is_markup_with(file: &Beginning<'_>, words: &[u8]) -> bool {
    file.text().starts_with(b"<") && memchr::memmem::find(file.bytes, words).is_some()
}

/// Whether the first line that is no comment begins with one of these words, in any case.
fn begins_with_word(file: &Beginning<'_>, words: &[&str]) -> bool {
    let line = lines(file).find(|line| !line.starts_with(b"%"));
    line.is_some_and(|line| {
        words.iter().any(|word| {
            line.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
        })
    })
}

fn is_latex(file: &Beginning<'_>) -> bool {
    begins_with_word(file, &["\\documentclass", "\\begin{", "\\centering", "\\usepackage"])
}

/// Whether a file is a shape in OFF: that word, and three counts in its line or the next.
fn is_off(file: &Beginning<'_>) -> bool {
    let mut lines = lines(file).filter(|line| !line.starts_with(b"#"));
    let Some(first) = lines.next() else { return false };
    let end = first.iter().position(u8::is_ascii_whitespace).unwrap_or(first.len());
    let (word, rest) = first.split_at(end);
    let is_named = matches!(
        word,
        b"OFF" | b"COFF" | b"NOFF" | b"CNOFF" | b"STOFF" | b"4OFF" | b"nOFF" | b"STCNOFF"
    );
    let counts = if rest.is_empty() { lines.next().unwrap_or_default() } else { rest };
    let words: Vec<&[u8]> =
        counts.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
    is_named && (2..=3).contains(&words.len()) && words.concat().iter().all(u8::is_ascii_digit)
}

/// Whether a file is a drawing in DXF: codes and values by turns, comments (999) and then a section.
fn is_dxf(file: &Beginning<'_>) -> bool {
    let mut lines = lines(file);
    loop {
        match (lines.next(), lines.next()) {
            (Some(b"999"), Some(_)) => {}
            (Some(b"0"), Some(b"SECTION")) => return true,
            _ => return false,
        }
    }
}

/// Whether a file is a map of `MapInfo` in text: its version, and a word of its head.
fn is_mif(file: &Beginning<'_>) -> bool {
    let mut lines = lines(file);
    lines.next().is_some_and(|line| line.to_ascii_lowercase().starts_with(b"version "))
        && lines.next().is_some_and(|line| line.to_ascii_lowercase().starts_with(b"charset "))
}

/// Whether a file is a model in IGES: an S and a number end its first line of 80.
fn is_iges(file: &Beginning<'_>) -> bool {
    let line = file.bytes.split(|b| matches!(b, b'\n' | b'\r')).next().unwrap_or_default();
    let is_named = ["igs", "iges"].contains(&file.extension.as_str());
    is_named && line.get(72) == Some(&b'S') && line.len() == 80
}

/// Whether a file holds molecules in PDB, by the words that its lines begin with.
fn is_pdb(file: &Beginning<'_>) -> bool {
    const WORDS: [&[u8]; 9] = [
        b"HEADER", b"TITLE ", b"COMPND", b"REMARK", b"CRYST1", b"MODEL ", b"ATOM  ", b"HETATM",
        b"AUTHOR",
    ];
    let is_named = ["pdb", "ent", "pdbqt"].contains(&file.extension.as_str());
    let first = lines(file).next().unwrap_or_default();
    is_named && WORDS.iter().any(|word| first.starts_with(word))
        || first.starts_with(b"HEADER    ") && first.len() > 60
}

fn is_mmcif(file: &Beginning<'_>) -> bool {
    let first = lines(file).find(|line| !line.starts_with(b"#")).unwrap_or_default();
    first.starts_with(b"data_")
        && !first.contains(&b' ')
        && lines(file).nth(1).is_some_and(|line| {
            line.starts_with(b"_") || line.starts_with(b"#") || line.starts_with(b"loop_")
        })
}
