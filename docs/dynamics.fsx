(**
# Trajectories, DMD and control

From trajectories to a linear model with modes, error bars and inputs, and its forecasts. The script checks what it claims and
ends with exit code 1 if a claim fails. Build first (`./koopman setup`), then:

    dotnet fsi docs/dynamics.fsx
*)
#load "samples/Claims.fsx"

open System
open System.Numerics
open Koopman
open Claims

(**
## Trajectories

An oscillation that decays at rate .1 with frequency 2, observed in two coordinates every .05, from two starts, with noise on
the states. Trajectories may differ in length, and may have individual times (`Trajectories.withTimes`), inputs and weights.
*)
let noise = Seed.normal [| 2L; 400L; 2L |] (Seed.ofInt 1) |> Tensors.toArray

let spiral (start: int) : float[,] =
    Array2D.init 400 2 (fun i axis ->
        let t = 0.05 * float i
        let angle = 2.0 * t + float start
        let clean = exp (-0.1 * t) * (if axis = 0 then cos angle else sin angle)
        clean + 0.05 * noise[(start * 400 + i) * 2 + axis])

let trajectories = Trajectories.ofArrays 0.05 [ spiral 0; spiral 1 ] |> Outcome.get
printfn $"{trajectories}"

(**
Pairs never cross from one trajectory to the next.
*)
let pairs = Trajectories.pairs 1 trajectories |> Outcome.get
claim "two trajectories of 400 states give 798 pairs" (pairs.Count = 798)

(**
## Noise on the states

Plain least squares (`Exact`) mistakes noise in the states for decay. Forward-backward and total least squares do not, and the
optimised fit, which fits sums of exponentials to whole trajectories, is the most precise. All give error bars; these do not include
bias, such as that of plain least squares here.
*)
let rate (way: DmdMethod) : float =
    use model = Dmd.fit { Dmd.defaults with Method = way } pairs |> Outcome.get
    model.Spectrum.Modes[0].Rate

let plain = rate DmdMethod.Exact
let balanced = rate DmdMethod.ForwardBackward
let total = rate DmdMethod.TotalLeastSquares

let optimised =
    OptimizedDmd.fit OptimizedDmd.defaults Control.none trajectories |> Outcome.get

let mode = optimised.Spectrum.Modes[0]
printfn $"  rate: exact {plain:F4}, forward-backward {balanced:F4}, total {total:F4}"

printfn
    $"  optimised {mode.Rate:F4} in [{mode.Lower:F4}, {mode.Upper:F4}], frequency {mode.Frequency:F4} ± {mode.FrequencyError:F4}"

claim "least squares is biased by more than half of the rate" (plain > 0.15)
claim "forward-backward and total least squares are not" (abs (balanced - 0.1) < 0.05 && abs (total - 0.1) < 0.05)
claim "the optimised rate is within 4 standard errors of .1" (abs (mode.Rate - 0.1) < 4.0 * mode.StandardError)

(**
## Delays

A single scalar signal is not a full state, but its most recent values together are. `delays 20` replaces it by [x_t, x_{t-1}, ...].
*)
let signal =
    Array2D.init 400 1 (fun i _ -> sin (1.3 * 0.1 * float i) + 0.5 * cos (3.1 * 0.1 * float i))

let delayed =
    Trajectories.ofArrays 0.1 [ signal ]
    |> Result.bind (Trajectories.delays 20)
    |> Outcome.get

let hankel =
    Trajectories.pairs 1 delayed
    |> Result.bind (Dmd.fit Dmd.defaults)
    |> Outcome.get

let frequencies =
    hankel.Spectrum.Modes
    |> Array.map (fun mode -> abs mode.Frequency)
    |> Array.sort

printfn $"  frequencies {frequencies[0]:F6} and {frequencies[2]:F6}"
claim "they are 1.3 and 3.1" (abs (frequencies[0] - 1.3) < 1e-6 && abs (frequencies[2] - 3.1) < 1e-6)

(**
## Control

A system that would grow without its input: x₁' = 1.5 x₁ + u, x₂' = .1 x₂. Inputs that are independent of the state
identify both matrices. Feedback does not: state and input are then collinear. The fit reports this, and accepts the input
matrix if it is known.
*)
let x = Seed.normal [| 60L; 2L |] (Seed.ofInt 2)
let u = Seed.normal [| 60L; 1L |] (Seed.ofInt 3)
let a = Tensors.ofRows 2 [| 1.5; 0.0; 0.0; 0.1 |]
let b = Tensors.ofRows 1 [| 1.0; 0.0 |]

let step (x: Tensor) (u: Tensor) : Tensor = x.times (a) + u.times b

let driven =
    SnapshotPairs.create 1.0 x (step x u)
    |> Result.bind (SnapshotPairs.withInputs u)
    |> Outcome.get

let controlled = Dmd.fit Dmd.defaults driven |> Outcome.get

claim
    "the eigenvalues are 1.5 and .1"
    (abs (controlled.Spectrum.Eigenvalues[0].Real - 1.5) < 1e-9
     && abs (controlled.Spectrum.Eigenvalues[1].Real - 0.1) < 1e-9)

let feedback = -x.narrow(1L, 0L, 1L)

let hidden =
    SnapshotPairs.create 1.0 x (step x feedback)
    |> Result.bind (SnapshotPairs.withInputs feedback)
    |> Outcome.get

match Dmd.fit Dmd.defaults hidden with
| Error error -> printfn $"  {error.Message}"
| Ok _ -> claim "feedback is refused" false

let known = Dmd.fitWithInput Dmd.defaults b hidden |> Outcome.get
claim "a known input matrix reveals the unstable mode" (abs (known.Spectrum.Eigenvalues[0].Real - 1.5) < 1e-9)

(**
A forecast takes one input per step. EDMD (`Edmd.fit`) uses inputs in the same way, with any observables.
*)
let start = Tensors.ofRows 1 [| 2.0; 1.0 |]
let plan = Tensors.ofRows 3 [| -3.0; 0.0; 0.0 |]

let forecast =
    LinearModel.forecast 3 (Some plan) start controlled
    |> Outcome.get
    |> Tensors.toArray

printfn $"  x₁ over three steps: {forecast[0]:F3}, {forecast[2]:F3}, {forecast[4]:F3}, {forecast[6]:F3}"
claim "one input of -3 brings x₁ = 2 to 0, where it stays" (abs forecast[6] < 1e-9)

(**
## Data larger than memory

EDMD needs only sums over pairs: `Streaming.moments` computes them in one pass over batches, here over a memory-mapped `.npy` file.
The sums come in blocks; `FitFromMoments` fits their total, and takes error bars from leaving out one block at a time.
*)
let file = IO.Path.Combine(IO.Path.GetTempPath(), $"koopman-{Guid.NewGuid()}.npy")

let long =
    Systems.trajectory (Systems.doubleWell 1.0) 60_001 0.1 (Seed.ofInt 4)
    |> Outcome.get

Samples.save file long |> Outcome.get

let gaussians = Observables.gaussiansOver Observables.automatic long |> Outcome.get

let blocks =
    PairStream.ofTrajectoryFile 0.1 3000 file
    |> Streaming.moments Control.none gaussians
    |> Outcome.get

IO.File.Delete file

let streamed =
    FitFromMoments.reversible Edmd.defaults gaussians 0.1 blocks |> Outcome.get

let slowest = streamed.Modes[0]

printfn
    $"  {blocks.Length} blocks: rate {slowest.Rate:F4} ± {slowest.StandardError:F4}, exact {(Systems.doubleWell 1.0).Rates[0]:F4}"

let atOnce =
    SnapshotPairs.ofTrajectory 0.1 long
    |> Outcome.get
    |> Edmd.reversible Edmd.defaults gaussians
    |> Outcome.get

claim "the stream gives the rate of all pairs at once" (abs (slowest.Rate / atOnce.Rates[0] - 1.0) < 1e-6)

finish ()
