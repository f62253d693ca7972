namespace Koopman

open System
open System.Numerics

/// <summary>The operator to which the eigenvalues of a spectrum belong, and the map from them to rates.</summary>
type Convention =
    /// <summary>λ of the propagator K_τ; the exponent is μ = log(λ)/τ, on the principal branch.</summary>
    | PropagatorAtLag of lag: float
    /// <summary>η of the positive generator L = -TΔ + ∇V·∇ of a reversible diffusion; the exponent is μ = -η.</summary>
    | PositiveGenerator of temperature: float
    /// <summary>μ of the generator d/dt, the infinitesimal propagator; the exponent is μ itself.</summary>
    | InfinitesimalGenerator

    /// <summary>The real eigenvalue of a mode that decays at this rate and does not oscillate.</summary>
    member this.EigenvalueOf(rate: float) : float =
        match this with
        | PropagatorAtLag lag -> exp (-rate * lag)
        | PositiveGenerator _ -> rate
        | InfinitesimalGenerator -> -rate

    /// <summary>The exponent μ of an eigenvalue: along a trajectory, φ(x_t) = e^{μt} φ(x_0) in the mean.</summary>
    member this.ExponentOf(eigenvalue: Complex) : Complex =
        match this with
        | PropagatorAtLag _ when eigenvalue = Complex.Zero -> Complex(Double.NegativeInfinity, 0.0)
        | PropagatorAtLag lag -> Complex.Log eigenvalue / Complex(lag, 0.0)
        | PositiveGenerator _ -> -eigenvalue
        | InfinitesimalGenerator -> eigenvalue

    override this.ToString() : string =
        match this with
        | PropagatorAtLag lag -> $"eigenvalues of the propagator at lag {lag:G6}, rate = -log(eigenvalue)/lag"
        | PositiveGenerator temperature -> $"eigenvalues of the positive generator at temperature {temperature:G6}"
        | InfinitesimalGenerator -> "eigenvalues of the generator, rate = -Re(eigenvalue)"

/// <summary>Why a mode should not be taken at face value.</summary>
type WarningKind =
    /// <summary>Closer than 3 standard errors to a neighbour: the two repel, and only their mean is well determined.</summary>
    | NearDegenerate = 0
    /// <summary>
    /// A smaller dictionary inside this one has no such rate: the dictionary does not resolve the mode. Or some of the repeated fits that
    /// its error bar rests on did not reach their minimum.
    /// </summary>
    | NotConverged = 1
    /// <summary>The eigenvalue is below the noise level of the estimated matrix at this lag.</summary>
    | BelowNoise = 2
    /// <summary>The 95 % interval of the rate is wider than half of |μ|, rate and frequency together.</summary>
    | Imprecise = 3
    /// <summary>The residual is larger than its tolerance.</summary>
    | LargeResidual = 4
    /// <summary>Noise in the data hides residuals of the size in question, so that they cannot separate true from spurious modes.</summary>
    | NoiseFloor = 5
    /// <summary>A reversible or dissipative process cannot grow or oscillate like this.</summary>
    | Impossible = 6
    /// <summary>The operator was taken in the measure of the samples, which is not known to be invariant.</summary>
    | MeasureNotInvariant = 7
    /// <summary>The eigenvector is ill-conditioned: small changes of the data change the eigenvalue greatly.</summary>
    | IllConditioned = 8
    /// <summary>The eigenfunction does not evolve as e^{μt} along the data.</summary>
    | NotLinear = 9
    /// <summary>The data contradict detailed balance, on which the estimator rests.</summary>
    | NotReversible = 10
    /// <summary>The data hold copies of themselves, which add nothing: they were counted as weights.</summary>
    | Repeated = 11

/// <summary>A reason not to take a mode at face value, with the numbers.</summary>
[<NoComparison>]
type Warning =
    {
        /// <summary>The kind of reason, to branch on.</summary>
        Kind: WarningKind
        /// <summary>The reason, as one sentence without its full stop, with the relevant numbers.</summary>
        Message: string
    }

    override this.ToString() : string = this.Message

/// <summary>An eigenpair with its error bars, residual and warnings.</summary>
[<NoComparison>]
type Mode =
    {
        /// <summary>
        /// The index by increasing rate. In a reversible spectrum the constant function has index 0 and is left out, so indices start at 1;
        /// otherwise they start at 0 and the constant is a mode like the others.
        /// </summary>
        Index: int
        /// <summary>The eigenvalue, in the spectrum's convention.</summary>
        Eigenvalue: Complex
        /// <summary>The rate of decay -Re μ in 1/time; of a reversible process η.</summary>
        Rate: float
        /// <summary>The angular frequency Im μ in radians per unit of time; 0 for a reversible process.</summary>
        Frequency: float
        /// <summary>The standard error of the rate, including the bias estimate; 0 if the data carry no sampling error, NaN if not
        /// estimated.</summary>
        StandardError: float
        /// <summary>The standard error of the frequency; NaN if not estimated.</summary>
        FrequencyError: float
        /// <summary>
        /// Lower end of the 95 % interval of the rate; for a reversible process corrected for bias, extended by the difference from a smaller
        /// dictionary, and not below 0.
        /// </summary>
        Lower: float
        /// <summary>Upper end of the 95 % interval of the rate, corrected for bias; infinite if the interval includes λ = 0.</summary>
        Upper: float
        /// <summary>The residual of the eigenpair, in the norm that <c>Spectrum.ResidualNorm</c> names; 0 is perfect, NaN if not estimated.</summary>
        Residual: float
        /// <summary>The condition number of the eigenvalue, 1/|⟨u,v⟩| of the normalised left and right eigenvectors; 1 for a self-adjoint operator.</summary>
        Condition: float
        /// <summary>
        /// True if the eigenfunction keeps its value along the data: the constant function, or a quantity conserved to rounding. It has no timescale.
        /// </summary>
        IsConstant: bool
        /// <summary>The reasons not to take it at face value; empty if there are none.</summary>
        Warnings: Warning[]
    }

    /// A mode with this eigenvalue and condition number only.
    static member internal Bare(convention: Convention, index: int, eigenvalue: Complex, condition: float) : Mode =
        let exponent = convention.ExponentOf eigenvalue

        {
            Index = index
            Eigenvalue = eigenvalue
            Rate = 0.0 - exponent.Real
            Frequency = exponent.Imaginary
            StandardError = nan
            FrequencyError = nan
            Lower = nan
            Upper = nan
            Residual = nan
            Condition = condition
            IsConstant = false
            Warnings = [||]
        }

    /// <summary>
    /// The time in which the mode falls to 1/e, 1/rate; NaN for what has none: constants, modes that grow, and alternations (real negative
    /// eigenvalues of a propagator), which are fast and not slow.
    /// </summary>
    member this.Timescale: float =
        if
            this.IsConstant
            || this.Rate < 0.0
            || (this.Eigenvalue.Imaginary = 0.0 && this.Frequency <> 0.0)
        then
            nan
        else
            1.0 / this.Rate

    /// <summary>True if there is a warning of this kind.</summary>
    member this.Has(kind: WarningKind) : bool =
        this.Warnings |> Array.exists (fun w -> w.Kind = kind)

    /// <summary>Closer than 3 standard errors to a neighbour: the two repel, and only their mean is well determined.</summary>
    member this.NearDegenerate: bool = this.Has WarningKind.NearDegenerate
