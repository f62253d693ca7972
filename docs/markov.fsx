(**
# Markov models of slow motion

When does a model learned at one lag hold at others, and what can be learned from data that never reached equilibrium? This
script applies implied timescales, the Chapman-Kolmogorov test, a Markov state model and Koopman reweighting to wells whose rates are
known. It checks what it claims and ends with exit code 1 if a claim fails. Build first (`./koopman setup`), then:

    dotnet fsi docs/markov.fsx
*)
#load "samples/Claims.fsx"

open System
open Koopman
open Claims

(**
## Implied timescales

A trajectory in the double well V = (x²-1)² at T = .3, sampled every .1. If the model is good, its timescales 1/η do not depend on the
lag. Gaussians resolve the slow mode; the coordinate alone (TICA) does not, and its timescales grow with the lag.
*)
let well = Systems.doubleWell 0.3
let states = Systems.trajectory well 20_000 0.1 (Seed.ofInt 17) |> Outcome.get
let data = Trajectories.create 0.1 [ states.Points ] |> Outcome.get
let pairsAt (steps: int) = Trajectories.pairs steps data

let observables =
    Observables.gaussiansOver Observables.automatic states |> Outcome.get

let exact = 1.0 / well.Rates[0]

let show (name: string) (table: TimescaleTable) : unit =
    printfn $"  {name}: exact {exact:F2}"

    for row in table.Rows do
        let time = row.Timescales[0]
        printfn $"    lag {row.Lag:F1}   {time.Value:F2}   [{time.Lower:F2}, {time.Upper:F2}]"

let lags = [ 1; 2; 4; 8; 16 ]

let gaussian =
    Timescales.implied 1 (Edmd.reversible Edmd.defaults observables) pairsAt lags
    |> Outcome.get

let linear =
    Timescales.implied 1 (Tica.fit Tica.defaults) pairsAt lags |> Outcome.get

show "Gaussians" gaussian
show "the coordinate" linear

claim
    "with Gaussians every interval contains the exact timescale"
    (gaussian.Rows
     |> Array.forall (fun row -> row.Timescales[0].Lower <= exact && exact <= row.Timescales[0].Upper))

claim "and the plateau begins at the shortest lag" (gaussian.Plateaus[0] = Nullable gaussian.Rows[0].Lag)
claim "the coordinate alone shows no plateau from there" (linear.Plateaus[0] <> Nullable linear.Rows[0].Lag)

(**
## The Chapman-Kolmogorov test

K_kτ = K_τ^k for a Markov process. The test predicts λ^k, estimates it from pairs at lag kτ, and gives the difference in
standard errors.
*)
let test (spectrum: Spectrum) =
    ChapmanKolmogorov.test spectrum pairsAt 1 [ 2; 4; 8; 16 ] |> Outcome.get

let first = pairsAt 1 |> Outcome.get

let good =
    Edmd.reversible { Edmd.defaults with Modes = 1 } observables first
    |> Outcome.get

let poor = Tica.fit Tica.defaults first |> Outcome.get

printfn
    $"  largest deviation: Gaussians {(test good).MaxDeviation:F1}, the coordinate {(test poor).MaxDeviation:F1} standard errors"

claim "the Gaussians pass" ((test good).MaxDeviation < 4.0)
claim "the coordinate fails" ((test poor).MaxDeviation > 4.0)

(**
## A Markov state model

Discrete states are indicator functions; their transition matrix is EDMD on them. Ten cells of equal width, counted at lag .8.
*)
let cells =
    Samples.values states
    |> Array.map (fun x -> int (10.0 * (x + 2.0) / 4.0) |> max 0 |> min 9)

let counts = TransitionCounts.ofTrajectories 8 [ cells ] |> Outcome.get
let connected = TransitionCounts.connectedStates counts

let place =
    Array.init 10 (fun cell -> Array.tryFindIndex ((=) cell) connected |> Option.defaultValue -1)

let chain =
    MarkovModel.fit MarkovModel.defaults 0.1 8 [ cells |> Array.map (fun cell -> place[cell]) ]
    |> Outcome.get

printfn $"  {chain.States} states, slowest timescale {(MarkovModel.timescales chain)[0]:F2}"

claim
    "the chain's slowest timescale is within a third of the exact one"
    (abs ((MarkovModel.timescales chain)[0] - exact) < exact / 3.0)

(**
## Data that never reached equilibrium

A swarm: 20,000 pairs from starts uniform on [-2, 2] in the tilted well V = (x²-1)² + x/2 at T = .5. In equilibrium .143 of the mass
lies right of the barrier, in the swarm nearly half. The transitions are correct nevertheless, and the left eigenvector of the propagator
gives the weights that correct the starts to equilibrium.
*)
let tilt, temperature, lag = 0.5, 0.5, 0.2

let swarm =
    let n = 20_000
    use uniform = Seed.uniform [| int64 n |] (Seed.ofInt 12)
    let x = Tensors.toArray uniform |> Array.map (fun u -> 4.0 * u - 2.0)
    let y = Array.copy x
    let h = lag / 200.0

    for step in 1..200 do
        use noise = Seed.normal [| int64 n |] (Seed.derive $"step {step}" (Seed.ofInt 12))
        let z = Tensors.toArray noise

        for i in 0 .. n - 1 do
            y[i] <-
                y[i] - h * (4.0 * y[i] * (y[i] * y[i] - 1.0) + tilt)
                + sqrt (2.0 * temperature * h) * z[i]

    use from = Tensors.ofRows n x
    use successors = Tensors.ofRows n y
    SnapshotPairs.create lag from successors |> Outcome.get

let dictionary =
    Observables.gaussiansOver Observables.automatic swarm.From |> Outcome.get

let weights = Reweighting.fit Reweighting.defaults dictionary swarm |> Outcome.get

let right (weights: float[]) (samples: Samples) : float =
    Array.map2 (fun w x -> if x > 0.127 then w else 0.0) weights (Samples.values samples)
    |> Array.sum
    |> fun mass -> mass / Array.sum weights

let plain = Array.create swarm.Count 1.0

printfn
    $"  right of the barrier: unweighted {right plain swarm.To:F3}, reweighted {right weights.Weights swarm.From:F3}, exact .143"

printfn
    $"  effective size {weights.EffectiveSize:F0} of {swarm.Count}, {100.0 * weights.NegativeShare:F1} percent of the weight clipped"

claim "the mass is right within .04" (abs (right weights.Weights swarm.From - 0.14257) < 0.04)
let equilibrium = SnapshotPairs.withWeights weights.Weights swarm |> Outcome.get
let slow = Edmd.reversible Edmd.defaults dictionary equilibrium |> Outcome.get
printfn $"  slowest rate {slow.Rates[0]:F3}, exact .300"
claim "the slowest rate is within 15 percent" (abs (slow.Rates[0] - 0.3004) < 0.15 * 0.3004)

finish ()
