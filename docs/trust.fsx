(**
# Reading the numbers

Every eigenpair comes with a rate, an interval, a residual and, where there is reason, warnings. This page says what each of them
detects, and what it cannot detect. The script checks what it claims and ends with exit code 1 if a claim fails. Build first
(`./koopman setup`), then:

    dotnet fsi docs/trust.fsx
*)
#load "samples/Claims.fsx"

open System
open Koopman
open TorchSharp
open Claims

let show (modes: Mode seq) : unit =
    for mode in modes do
        printfn
            "  %d  rate %.4g [%.4g, %.4g]  residual %.2g  %s"
            mode.Index
            mode.Rate
            mode.Lower
            mode.Upper
            mode.Residual
            (String.Join<Warning>("; ", mode.Warnings))

(**
## Random data: the interval

The double well (x²-1)² at T = 1, 10000 pairs at lag .1. The interval contains the true rate in 95 of 100 repetitions
(`./koopman reproduce coverage` counts them). It accounts for the sampling error along a trajectory, the bias of eigenvalues that
repel and, with a dictionary that contains a smaller one, the change from the smaller one. It does not account for tails that the
sample never visited: for a third Hermite function 85 of 100 intervals contain the exact rate, and no other method tried did better.
*)
let well = Systems.doubleWell 1.0
let pairs = Systems.equilibriumPairs well 10_000 0.1 (Seed.ofInt 1) |> Outcome.get

let gaussians =
    Observables.gaussiansOver Observables.automatic pairs.From |> Outcome.get

let spectrum = Edmd.reversible Edmd.defaults gaussians pairs |> Outcome.get
show (Array.truncate 4 spectrum.Modes)

claim
    "the first two true rates lie in their intervals"
    (Seq.forall2 (fun (m: Mode) truth -> m.Lower <= truth && truth <= m.Upper) (Seq.take 2 spectrum.Modes) well.Rates)

(**
Two rates closer than three standard errors repel each other, so that each is biased and only their mean is well
determined. `spectrum.Clusters` has the means. Fast modes are lost in noise: |λ| below the level that pure noise would produce is flagged
`BelowNoise`, an interval wider than half of |μ| `Imprecise`.

## Random data: the residual

‖φ(y) - λφ(x)‖ is no residual when y is random: it contains the spread of φ(y) given x, even of an exact eigenfunction.
`Diagnostics.residuals` takes any spectrum and any pairs, preferably fresh ones, and separates the two. The numbers are squares
relative to ⟨|φ|²⟩.
*)
let fresh = Systems.equilibriumPairs well 10_000 0.1 (Seed.ofInt 2) |> Outcome.get
let report = (Diagnostics.residuals None spectrum fresh |> Outcome.get)[0]

printfn
    "  pair %.4f, of which residual %.4f ± %.4f, and noise %.4f"
    report.Pair
    report.Projected.Value
    report.Projected.StandardError
    report.Variance

claim "nearly all of the pair residual of the slowest mode is noise" (report.Projected.Value < 0.1 * report.Pair)

(**
`Projected` is the least noisy, and a lower bound: it measures only the part of the residual in the span of its test functions. `TwoSuccessors` needs
a second successor drawn independently (`SnapshotPairs.withSecond`), `TwoLags` a trajectory of a reversible process; both measure the whole residual,
with noise that hides residuals below about .04 at 10000 pairs.

## Deterministic data

Now ‖φ(y) - λφ(x)‖ is the residual itself, and a tolerance of 1e-6 separates true modes from spurious ones. The system x' = -.1x, y' = -(y-x²)
with monomials to degree 3 has six true modes; the other four are artefacts of the dictionary.
*)
let uniform =
    Seed.uniform [| 2000L; 2L |] (Seed.ofInt 3)
    |> Tensors.toArray
    |> Array.map (fun u -> 4.0 * u - 2.0)

let flow (values: float[]) : float[] =
    Array.init values.Length (fun i ->
        let x = values[i - i % 2]
        let bent = 1.25 * x * x

        if i % 2 = 0 then
            x * exp -0.01
        else
            (values[i] - bent) * exp -0.1 + bent * exp -0.02)

let manifold (noise: float) : SnapshotPairs =
    let blur (seed: int) (values: float[]) =
        let z = Seed.normal [| int64 values.Length |] (Seed.ofInt seed) |> Tensors.toArray
        Array.map2 (fun v e -> v + noise * e) values z |> Tensors.ofRows 2000

    SnapshotPairs.create 0.1 (blur 4 uniform) (blur 5 (flow uniform)) |> Outcome.get

let monomials = Observables.monomials 3 2 |> Outcome.get
let clean = Edmd.fit Edmd.defaults monomials (manifold 0.0) |> Outcome.get
show clean.Spectrum.Modes

claim
    "six modes have residuals below 1e-7, four are flagged"
    ((clean.Spectrum.Modes |> Array.filter (fun m -> m.Residual < 1e-7)).Length = 6
     && (clean.Spectrum.Modes |> Array.filter _.Has(WarningKind.LargeResidual)).Length = 4)

(**
Data are taken as random if nearby states have successors that differ by more than the distance of the states can explain
(`Noise.isStochastic`); set `Noise = Noise.Deterministic` if you know that they are not. With noise of one percent in the states, every residual is above the tolerance and no rule can separate true modes from
spurious ones. The best modes are then flagged with `NoiseFloor` instead of as wrong: the residual cannot decide.
*)
let noisy =
    Edmd.fit
        { Edmd.defaults with
            Noise = Noise.Deterministic
        }
        monomials
        (manifold 0.01)
    |> Outcome.get

show noisy.Spectrum.Modes

claim
    "with noise the warning is that the residual cannot decide"
    (noisy.Spectrum.Modes |> Array.exists _.Has(WarningKind.NoiseFloor))

(**
## Assumptions that are tested

A reversible estimator assumes detailed balance, ⟨f(x) g(y)⟩ = ⟨g(x) f(y)⟩, and equilibrium. Both are tested on the pairs, for bounded linear and
quadratic functions of the coordinates. A damped oscillator with noise fails: its rate is .25 ± .968i, and the symmetrised estimate, for all its narrow
interval, is not. Every mode then says so (`NotReversible`), and the general estimator is right. `koopman spectrum` chooses between the two by this test.
*)
let lag = 0.1
let drift = array2D [ [ 0.0; 1.0 ]; [ -1.0; -0.5 ] ]

let oscillator (blur: float) : SnapshotPairs =
    use _ = torch.NewDisposeScope()
    let step = torch.linalg.matrix_exp (lag * torch.tensor drift)
    let eye = torch.eye (2L, dtype = torch.float64)
    let root = torch.linalg.cholesky ((1.0 + 1e-12) * eye - step.mm (step.t ()))
    let noise = Seed.normal [| 5001L; 2L |] (Seed.ofInt 6)
    let states = torch.zeros (5001L, 2L, dtype = torch.float64)

    for t in 1L .. 5000L do
        states[t] <- step.mv states[t - 1L] + root.mv noise[t]

    let seen = states + blur * Seed.normal [| 5001L; 2L |] (Seed.ofInt 7)
    use trajectories = Trajectories.create lag [ seen ] |> Outcome.get
    Trajectories.pairs 1 trajectories |> Outcome.get

let turning = oscillator 0.0
printfn "  %O" (DetailedBalance.test turning)
let coordinates = Observables.linear 2
let forced = Edmd.reversible Edmd.defaults coordinates turning |> Outcome.get
let free = Edmd.fit Edmd.defaults coordinates turning |> Outcome.get
show forced.Modes
show free.Spectrum.Modes

claim "the reversible estimate warns on every mode" (forced.Modes |> Array.forall _.Has(WarningKind.NotReversible))

claim
    "the general one holds the true rate, without a warning"
    (free.Spectrum.Modes
     |> Array.forall (fun m -> m.Warnings.Length = 0 && m.Lower <= 0.25 && 0.25 <= m.Upper))

(**
If φ evolves as e^{μt}, its correlation falls by the same factor in every lag (Chapman and Kolmogorov). It falls faster at first than later if the dictionary
does not carry the motion, if a coordinate is missing, or if the states were measured with noise, which biases rates of every regression on states.
Along trajectories every fit makes this check, at the next lag and at half and one and a half times the mode's own time; a failure is `NotLinear`.
*)
let measured = Edmd.fit Edmd.defaults coordinates (oscillator 0.3) |> Outcome.get
show measured.Spectrum.Modes

claim
    "noise of the measurement is found where the interval misses the truth"
    (measured.Spectrum.Modes
     |> Array.forall (fun m -> m.Has WarningKind.NotLinear && m.Lower > 0.25))

(**
Gaussians are laid where there are enough samples, so that outliers and tails get no functions of their own. Outliers are counted in the first line of `koopman spectrum` and in
`spectrum.Measure`. In tails such a dictionary cannot follow a mode that grows there; the modes are therefore tried together with the coordinates themselves, clipped where fewer than √n
samples lie beyond, and where these lower a rate the interval is extended, beyond 15 % with the warning `NotConverged`.

Rates do not depend on the units of the columns, with three exceptions by definition. The noise of Langevin dynamics and the kernel of a diffusion map are the same in all directions, so that other
units of single columns mean another process; in a common unit c times smaller the rates are c⁻² times theirs, and `Langevin.fitWithDiffusion` takes the diffusion of a process in the given units. DMD of ten or
more coordinates cuts its rank by a threshold for noise of one size, or by a sum of squares; it names coordinates whose motion is lost. Distances of transport, `Wasserstein.exact` and `sliced`,
are lengths in the unit of the data.

Rows that occur more than once, although their values could take any number, add nothing: they are counted as weights, and `Repeated` says so.

## What no rule can detect

A small residual and a narrow interval are statements about the given data. They cannot account for regions that were never sampled, for
samples from another measure than the intended one, or for a dictionary chosen on the same data. No rule certifies a mode;
each detects one kind of error.
*)
finish ()
