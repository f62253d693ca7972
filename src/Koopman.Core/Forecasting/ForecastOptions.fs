namespace Koopman

/// <summary>The value that is subtracted from a window before the regression, and added to its forecast.</summary>
type ForecastCentre =
    /// <summary>The mean, unless the last value, or else the level, is better by more than 2 % on the held-out rows.</summary>
    | Automatic = 0
    /// <summary>The mean of the window: for series that return to their level.</summary>
    | Mean = 1
    /// <summary>The last value of the window: for series close to a random walk.</summary>
    | Last = 2
    /// <summary>The mean of the column over the rows of the fit: for series whose level does not change.</summary>
    | Level = 3

/// <summary>Whose windows a column is forecast from.</summary>
type ForecastColumns =
    /// <summary>
    /// Its own, unless all columns', or else these with their products, are better by more than 2 % on the held-out rows. Tried are windows of up to 64
    /// columns, products among them, and futures of up to 1500 values.
    /// </summary>
    | Automatic = 0
    /// <summary>Its own; one regression serves all columns.</summary>
    | Shared = 1
    /// <summary>All columns', of at most 512 values together: for columns that drive each other.</summary>
    | Coupled = 2
    /// <summary>
    /// All columns', and the products of pairs of them and their squares, of at most 512 values together: for nonlinear systems whose state is seen.
    /// </summary>
    | Products = 3

/// <summary>What the operator of a forecaster is known to be beforehand.</summary>
type ForecastStructure =
    /// <summary>Nothing: eigenvalues anywhere in the closed unit disc.</summary>
    | Free = 0
    /// <summary>It keeps the measure: all eigenvalues are on the unit circle, and no mode decays.</summary>
    | MeasurePreserving = 1
    /// <summary>It is symmetric in the measure of the windows, as that of a reversible process: all eigenvalues are real.</summary>
    | Symmetric = 2

/// <summary>Settings of a forecaster.</summary>
type ForecastOptions =
    {
        /// <summary>
        /// L, the number of rows of the past that a forecast is made of. Default none: 512, or half of what remains of the longest trajectory without
        /// the held-out rows, if that is less.
        /// </summary>
        LookBack: int option
        /// <summary>H, the number of rows ahead that are fitted and have intervals; at least 4. Default 96.</summary>
        Horizon: int
        /// <summary>The number of modes, at most H/2; of coupled columns as many for each. Default 24.</summary>
        Rank: int
        /// <summary>
        /// Added to the second moments of the past, relative to their mean. Default 1e-2. With fewer than 30 windows for each of their values, and
        /// without a half-life, it is raised, tenfold up to four times, as long as that pays by more than 2 % on the held-out rows.
        /// </summary>
        Ridge: float
        /// <summary>The value that is subtracted from a window before the regression. Default <c>Automatic</c>: by the held-out rows.</summary>
        Centre: ForecastCentre
        /// <summary>Whose windows a column is forecast from. Default <c>Automatic</c>: by the held-out rows.</summary>
        Columns: ForecastColumns
        /// <summary>What the operator is known to be. Default <c>Free</c>.</summary>
        Structure: ForecastStructure
        /// <summary>Periods in rows that are known, at least 2: each takes the place of the closest pair of eigenvalues. Default none.</summary>
        Periods: float[]
        /// <summary>The number of rows after which a window counts half, for systems that change. Default none: all windows count alike.</summary>
        HalfLife: float option
        /// <summary>
        /// The number of past rows of the inputs that act on a row, beside the inputs of that row. Default none: chosen by Schwarz's criterion. Not used
        /// for trajectories without inputs.
        /// </summary>
        InputLags: int option
        /// <summary>The share of values that the intervals are to contain, strictly between 0 and 1. Default .9.</summary>
        Level: float
        /// <summary>The share of rows at the end of each trajectory that calibrate the intervals, strictly between 0 and 1. Default .2, and at least H + 20 rows.</summary>
        HeldOut: float
    }

/// <summary>A forecast of d columns over some rows, with intervals.</summary>
[<NoComparison>]
type Forecast =
    {
        /// <summary>The times of the rows, in the data's unit.</summary>
        Times: float[]
        /// <summary>The forecast (rows, d), in the data's units.</summary>
        Mean: float[,]
        /// <summary>The lower ends of the intervals (rows, d), each of which contains its value with probability Level; NaN beyond the horizon of the fit.</summary>
        Lower: float[,]
        /// <summary>The upper ends (rows, d).</summary>
        Upper: float[,]
        /// <summary>
        /// The lower end (rows, d) of the band of a column that contains all its values over these rows together with probability Level; NaN beyond
        /// the horizon of the fit.
        /// </summary>
        JointLower: float[,]
        /// <summary>The upper end of the joint band (rows, d).</summary>
        JointUpper: float[,]
        /// <summary>The probability.</summary>
        Level: float
    }
