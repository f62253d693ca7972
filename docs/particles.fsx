(**
# Particles

New samples of a law from samples of it, without its potential or its score: particles descend the energy ½ ‖μ-π‖² in H⁻¹(π), which the
spectrum of the learned Langevin generator makes computable (Koopman spectral Wasserstein gradient descent, KSWGD). If only equilibrium samples
are needed, a bootstrap of the data is cheaper; the method pays off where the data do *not* follow the law that is wanted: short
trajectories out of equilibrium, conditional laws, starts in the wrong well. This script shows each, checks what it claims, and
ends with exit code 1 if a claim fails. Build first (`./koopman setup`), then:

    dotnet fsi docs/particles.fsx
*)
#load "samples/Claims.fsx"

open System
open Koopman
open TorchSharp
open Claims
open Koopman.Metrics
open Koopman.Particles

let seed = Seed.ofInt 1

let share (f: float[] -> bool) (samples: Samples) : float =
    Samples.values samples
    |> Array.chunkBySize samples.Dimension
    |> Array.averageBy (fun x -> if f x then 1.0 else 0.0)

(**
## From the wrong well

V = (x²-1)² + x/2 at T = .3: the right well holds 4.4 % of the mass, and all particles start in it. The field uses all modes at
once, v(z) = -T ∇ψ(z)ᵀ S⁻¹ (ψ̄_Z - ψ̄_X): no eigenproblem is solved. The Gaussians must reach across the barrier, where there are hardly any data: their
default width, chosen for accurate rates, is a fifth of that, and with it the particles would stay where they are and the result would warn.
*)
let rare = Systems.asymmetricWell 0.5 0.3
let data = Systems.equilibrium rare 2000 seed |> Outcome.get

let gaussians =
    Observables.gaussiansOver
        { Observables.automatic with
            Width = Some 0.4
        }
        data
    |> Outcome.get

let field =
    ParticleField.fullRank 0.0 rare.Temperature gaussians data |> Outcome.get

let wrong =
    Tensors.within (fun () -> 0.1 * Seed.normal [| 1000L; 1L |] seed + 0.95 |> Samples.ofTensor)
    |> Outcome.get

let line = Manifold.euclidean 1

let flow =
    ParticleFlow.follow Control.none ParticleFlow.defaults seed line field data wrong
    |> Outcome.get

let right (x: float[]) = x[0] > 0.127

printfn
    $"  mass right: data {share right data:F4}, particles {share right flow.Particles:F4} after {flow.Iterations} iterations, energy {flow.EnergyRatio:E1} of independent samples'"

let target = Target.ofSystem rare
let chain = { Chains.defaults with Step = 0.01 }
let ula = Chains.ula Control.none chain seed line target wrong |> Outcome.get
printfn $"  ULA with the exact score, {ula.Iterations} steps: {share right ula.Particles:F4}"

claim
    "the particles have the mass of the data to half a percent"
    (abs (share right flow.Particles - share right data) <= 0.005)

claim "ULA has not crossed the barrier yet" (share right ula.Particles > 0.1)

(**
The particles know only what the data contain. If the data fall into groups with nothing between them, no generator connects the
groups; the flow warns of this, and gives each group the mass it has in the data.
*)
let apart =
    Samples.values data
    |> Array.mapi (fun i x -> if i % 4 = 0 then x + 20.0 else x)
    |> Samples.ofValues 1
    |> Outcome.get

let wide = Observables.gaussiansOver Observables.automatic apart |> Outcome.get
let split = ParticleField.fullRank 0.0 1.0 wide apart |> Outcome.get

let parted =
    ParticleFlow.follow Control.none ParticleFlow.defaults seed line split apart wrong
    |> Outcome.get

printfn $"  {parted.Warning}"

claim
    "a quarter of the particles is in the far group"
    (abs (share (fun x -> x[0] > 10.0) parted.Particles - 0.25) <= 0.01)

(**
## On a surface

Gradients and steps are projected on the tangent space, and particles come back to the surface after each step.
*)
let sphere = Manifold.sphere 1.0 3 |> Outcome.get

let onSphere (count: int) (seed: Seed) : Samples =
    Tensors.within (fun () -> Samples.ofTensor (Manifold.retract sphere (Seed.normal [| int64 count; 3L |] seed)))
    |> Outcome.get

let globe = onSphere 800 seed

let cap =
    onSphere 4000 (Seed.ofInt 2)
    |> fun many ->
        many
        |> Samples.values
        |> Array.chunkBySize 3
        |> Array.filter (fun x -> x[2] > 0.8)
        |> Array.concat
        |> Samples.ofValues 3
        |> Outcome.get

let along =
    Observables.gaussiansOver Observables.automatic globe
    |> Outcome.get
    |> Manifold.observables sphere
    |> Outcome.get

let onGlobe = ParticleField.fullRank 0.0 1.0 along globe |> Outcome.get

let spread =
    ParticleFlow.follow Control.none ParticleFlow.defaults seed sphere onGlobe globe cap
    |> Outcome.get

let south = share (fun x -> x[2] < 0.0)
printfn $"  southern share: start {south cap:F3}, particles {south spread.Particles:F3}, data {south globe:F3}"
claim "half of the particles have moved to the southern hemisphere" (abs (south spread.Particles - south globe) <= 0.02)

claim
    "and all are on the sphere"
    (Samples.values spread.Particles
     |> Array.chunkBySize 3
     |> Array.forall (fun x -> abs (x[0] * x[0] + x[1] * x[1] + x[2] * x[2] - 1.0) < 1e-9))

(**
## Out of equilibrium

5,000 trajectories of a fifth of a time unit, started uniformly between -2 and 2 in the well V = (x²-1)² + x/2 at T = .5. Of their ends 46 % lie right
of the barrier, in equilibrium 14.3 %. `Swarm.run` weights the pairs by their own dynamics, learns the generator under
these weights and moves particles; masses come with error bars. From the shell: `koopman particles pairs.npz --reweight`.

Neither needs the test of detailed balance that reversible estimators make. The weights are the left eigenvector of the propagator to the eigenvalue 1, ⟨w(x) f(y)⟩ = ⟨w(x) f(x)⟩,
which uses transitions in their own direction only and holds for the invariant law of any process. The generator is then that of Langevin dynamics in this law, by which the particles
find it; of an irreversible process its rates would not be the rates, but the masses are.
*)
let warm = Systems.asymmetricWell 0.5 0.5

let swarm =
    let count, lag, steps = 5000, 0.2, 50
    let h = lag / float steps
    let noise = Random 5

    let normal () =
        sqrt (-2.0 * log (1.0 - noise.NextDouble()))
        * cos (2.0 * Math.PI * noise.NextDouble())

    let from = Array.init count (fun _ -> -2.0 + 4.0 * noise.NextDouble())

    let ends =
        from
        |> Array.map (fun x ->
            (x, seq { 1..steps })
            ||> Seq.fold (fun x _ -> x - h * (4.0 * x * (x * x - 1.0) + 0.5) + sqrt h * normal ()))

    SnapshotPairs.create lag (Tensors.ofRows count from) (Tensors.ofRows count ends)
    |> Outcome.get
    |> SnapshotPairs.withTemperature 0.5

let found =
    Swarm.run Control.none Swarm.defaults seed (fun x -> if right x then 1 else 0) 2 1000 None swarm
    |> Outcome.get

let mass = found.Masses[1]

printfn
    $"  mass right: ends {share right swarm.To:F3}, particles {mass.Particles:F3}, reweighted data {mass.Data:F3} ± {mass.StandardError:F3}, exact .143"

claim "the ends are far from equilibrium" (share right swarm.To > 0.4)

claim
    "the reweighted mass is within three standard errors of the exact one"
    (abs (mass.Data - 0.14263) <= 3.0 * mass.StandardError)

claim "and the particles have the reweighted mass" (abs (mass.Particles - mass.Data) <= 0.02)

(**
## Conditional laws

A prior N(0, 1) and an observation y = x + noise of variance 1/2, with y = 1: the posterior is N(2/3, 1/3). For mild likelihoods the particles of the
prior move until the means of their observables match those of the weighted data, without a new fit. For strong ones the generator of the posterior is
fitted from the weighted moments.
*)
let prior =
    Systems.equilibrium (Systems.ornsteinUhlenbeck 1 1.0) 3000 seed |> Outcome.get

let logLikelihood =
    Samples.values prior |> Array.map (fun x -> -(x - 1.0) * (x - 1.0))

let posterior = Conditioning.weigh logLikelihood prior |> Outcome.get
let polynomials = Observables.monomials 6 1 |> Outcome.get
let priorField = ParticleField.fullRank 0.0 1.0 polynomials prior |> Outcome.get
let some = Samples.take 500 prior |> Outcome.get

let short =
    { ParticleFlow.defaults with
        Length = Some 0.3
    }

let shifted =
    Conditioning.shift Control.none { short with Jitter = 0.0 } seed priorField posterior some
    |> Outcome.get

let generated =
    Conditioning.generator Control.none short seed 1.0 polynomials posterior 500
    |> Outcome.get

for name, result in [ "shifted", shifted; "generator", generated ] do
    let x = Samples.values result.Flow.Particles
    let mean = Array.average x
    let variance = x |> Array.averageBy (fun v -> (v - mean) * (v - mean))
    printfn $"  {name}: mean {mean:F3}, variance {variance:F3}, effective size {result.EffectiveSize:F0}"
    claim $"{name}: mean 2/3 and variance 1/3" (abs (mean - 2.0 / 3.0) < 0.07 && abs (variance - 1.0 / 3.0) < 0.06)

(**
## The metric of the process

A spectrum learned from pairs belongs to a process with a diffusion a, and its particles move by v = -(a/2)∇u: only then does KL fall at rate 1. The
diffusion is known for Langevin dynamics, a = 2T. `ofPairs` measures a constant one: by the quadratic variation ⟨Δx Δxᵀ⟩/τ and, for what decays within
the lag τ, by the modes that hold it. The field warns if the squares of the coordinates contradict a constant diffusion or the lag is too long, and
`withDiffusion` gives one that is known. A process with the law N(0, I) and the rates 1 and 10, at a lag in which the fast coordinate forgets 63 %:
*)
let pairs =
    Tensors.within (fun () ->
        let x = Seed.normal [| 10_000L; 2L |] seed
        let fall = torch.tensor ([| exp -0.1; exp -1.0 |], dtype = torch.float64)
        let noise = Seed.normal [| 10_000L; 2L |] (Seed.derive "noise" seed)
        SnapshotPairs.create 0.1 x (x * fall + noise * (1.0 - fall * fall).sqrt()))
    |> Outcome.get

let quadratic = Observables.monomials 2 2 |> Outcome.get
let anisotropic = Edmd.reversible Edmd.defaults quadratic pairs |> Outcome.get
let metric = ParticleField.ofPairs 0.0 anisotropic pairs |> Outcome.get

let diffusion =
    Tensors.within (fun () -> Tensors.toArray (metric.DiffusionAt(torch.zeros (1L, 2L, dtype = torch.float64))))

printfn $"  diffusion {diffusion[0]:F2}, {diffusion[3]:F2}; exactly 2 and 20"

claim
    "the diffusion is measured to a tenth"
    (abs (diffusion[0] / 2.0 - 1.0) < 0.1 && abs (diffusion[3] / 20.0 - 1.0) < 0.1)

let aside =
    Tensors.within (fun () -> Samples.ofTensor (2.0 + 0.3 * Seed.normal [| 1000L; 2L |] (Seed.derive "aside" seed)))
    |> Outcome.get

let moved =
    ParticleFlow.follow
        Control.none
        { ParticleFlow.defaults with
            Iterations = 40
            Length = Some 1.0
        }
        seed
        (Manifold.euclidean 2)
        metric
        pairs.From
        aside
    |> Outcome.get

let variances =
    Tensors.within (fun () -> Tensors.toArray ((Samples.covariance moved.Particles).diagonal()))

printfn $"  variances after {moved.Iterations} iterations: {variances[0]:F3} and {variances[1]:F3}"
claim "both directions have converged" (moved.Converged && variances |> Array.forall (fun v -> abs (v - 1.0) < 0.05))

(**
## Theory

With all eigenpairs of the true generator, 1/ρ - 1 falls as e^{-t} along every path, for any law: KL falls at rate 1 at first and at rate 2
asymptotically. With learned pairs Theorem 4.7 bounds KL by the part that the modes do not resolve (the tail) and the error of the learned inverse
(ε). Both can be measured by transporting a density along the paths.

The theorem has no term for the sampling error of the target means, and its ε contains that error: as KL falls, ε grows beyond 1 and the bound
becomes infinite. `StatisticalBound` separates it. With s = ‖L û‖, û the potential that π itself descends because its means were estimated,
KL' ≤ -αχ² + tail² + s χ: KL falls to a plateau and stays there. For densities in the span of the modes the plateau is that of a likelihood ratio,
r/2n in the mean for r modes and n samples. Two wells on a circle, from samples alone:
*)
let circle: LangevinSystem =
    let potential x = -1.5 * cos (2.0 * x)

    {
        Name = "wells on a circle"
        Dimension = 1
        Temperature = 1.0
        Potential = ScalarField(fun x -> potential x[0])
        Drift = VectorField(fun x f -> f[0] <- -3.0 * sin (2.0 * x[0]))
        ExactRates = lazy [||]
        Draw = Func<int, Seed, float[]>(Systems.drawOnLine (0.0, 2.0 * Math.PI) 1.0 potential)
    }

let around = Systems.equilibrium circle 5000 seed |> Outcome.get
let waves = Observables.fourier 8 [| 2.0 * Math.PI |] |> Outcome.get
let learned = Langevin.fit Langevin.defaults waves around |> Outcome.get

let volumes =
    Samples.ofValues 1 (Array.init 300 (fun i -> 2.0 * Math.PI * (float i + 0.5) / 300.0))
    |> Result.bind (Samples.quadrature (Array.create 300 1.0))
    |> Outcome.get

let tilted = ScalarField(fun x -> 1.5 * cos (2.0 * x[0]) + 1.2 * cos x[0])

let run =
    Dissipation.measure Control.none circle learned around tilted volumes 0.05 60 12
    |> Outcome.get

for point, bound, sampled in Array.zip3 run.Points run.Bound run.StatisticalBound do
    printfn
        $"  t {point.Time:F1}   KL {point.Kl:F4}   ideal {point.IdealKl:F4}   bound {bound:F4}   with sampling {sampled:F4}   -dKL/dt {point.Rate:F4}   χ² {point.ChiSquared:F4}"

claim "the bound holds" (Array.forall2 (fun (p: DissipationPoint) b -> p.Kl <= b) run.Points run.Bound)
claim "and is informative: it ends below the start" (Array.last run.Bound < run.Points[0].Kl)

claim
    "so does the bound with the sampling error"
    (Array.forall2 (fun (p: DissipationPoint) b -> p.Kl <= b) run.Points run.StatisticalBound)

claim
    "the dissipation is χ² to a few percent at first"
    (abs (run.Points[0].Rate / run.Points[0].ChiSquared - 1.0) < 0.05)

(**
## Strengths and limits

Each table is reproduced by `./koopman reproduce NAME`, with more columns and the range over the seeds; here are means over five seeds (ten
for `cold-well`, six for `ablation`), on one thread with other work on the machine. The runs are stored in docs/measured, and a test compares them with these
rows. *Floor* is an independent exact sample of equal size. ULA, MALA, HMC and SVGD use the exact score, LAWGD the exact
eigenfunctions; the others use 2,000 samples unless it says otherwise. Chains, SVGD and samplers of kernel densities take the step, among three to five, that ends
nearest to the data by MMD; kernel densities have the width of the best cross-validated likelihood.

`quadruple-well`, 1,000 particles started in the middle; under the exact law a fraction of .3807 lies near a well:

| | KL | MMD | near wells | coverage | nn ratio | put back | CPU s |
|---|---|---|---|---|---|---|---|
| KSWGD | .037 | .017 | .382 | .949 | .97 | .015 | .35 |
| DMPS, normalised step | .037 | .019 | .414 | .868 | .64 | .018 | 4.2 |
| bootstrap of the data | .061 | .026 | .373 | .923 | .57 | – | .0020 |
| data, none repeated before all | .047 | .022 | .383 | .953 | 1.02 | – | .0016 |
| bootstrap, smoothed | .105 | .025 | .333 | .965 | 1.06 | – | .52 |
| kernel density, ULA | .141 | .028 | .323 | .961 | 1.07 | – | 1.6 |
| kernel density, SVGD | .119 | .017 | .324 | .944 | 1.00 | – | 3.4 |
| ULA | .058 | .017 | .352 | .960 | 1.03 | – | .039 |
| MALA | .044 | .016 | .386 | .956 | 1.00 | – | .12 |
| HMC | .047 | .019 | .378 | .956 | 1.00 | – | .034 |
| SVGD | .031 | .011 | .381 | .930 | .92 | – | 2.0 |
| matrix SVGD | .033 | .013 | .383 | .918 | .92 | – | 2.1 |
| LAWGD, exact eigenpairs | .022 | .010 | .380 | .965 | 1.04 | .000 | .80 |
| independent exact sample (floor) | .044 | .020 | .383 | .956 | 1.01 | – | .0028 |

The four wells are warm and the data follow the law: SVGD and LAWGD, which know the score or the eigenfunctions, are nearer, MALA and HMC are cheaper, and so are
the data themselves.

`trajectory`: the same four wells from one trajectory of 9,999 pairs at lag .01, as the paper learns them, by the spectrum of the propagator alone. The rates are
.67, .89 and 1.59 (.75, .75, 1.50 exactly), and the diffusion of the pairs 2.01 and 2.02 (2). A hundred units of time, 75 of the slowest mode, know
the masses of the wells only to .11 in the mean of the seeds; no method that knows nothing else can do better, and the particles reproduce those of the trajectory to .005. At equal masses
they beat every way of drawing from the data in KL:

| | KL | coverage | nn ratio | mass error | to the trajectory's | put back |
|---|---|---|---|---|---|---|
| KSWGD | .102 | .926 | .94 | .110 | .005 | .013 |
| KSWGD, Dirichlet form | .097 | .930 | .93 | .109 | .006 | .012 |
| bootstrap of the data | .129 | .915 | .86 | .122 | .018 | – |
| data, none repeated before all | .111 | .935 | .95 | .115 | .018 | – |
| bootstrap, smoothed | .146 | .941 | 1.02 | .107 | .022 | – |
| kernel density, ULA | .202 | .942 | 1.03 | .103 | .030 | – |
| kernel density, SVGD | .165 | .935 | .96 | .104 | .020 | – |
| independent exact sample (floor) | .044 | .956 | 1.01 | .018 | .121 | – |

`cold-well`: two equal wells at T = .2, where crossing takes 90 units of time, from one of them. The mass is that of the other well:

| | KL | MMD | mass | error of it | coverage | put back | CPU s |
|---|---|---|---|---|---|---|---|
| KSWGD | .037 | .011 | .497 | .008 | .932 | .134 | .36 |
| DMPS, normalised step | 1.811 | .359 | .225 | .275 | .214 | .141 | 11 |
| bootstrap of the data | .043 | .023 | .508 | .013 | .931 | – | .0012 |
| data, none repeated before all | .040 | .016 | .499 | .009 | .948 | – | .0029 |
| bootstrap, smoothed | .060 | .021 | .497 | .019 | .953 | – | .42 |
| kernel density, ULA | .737 | .623 | .012 | .488 | .541 | – | 5.7 |
| kernel density, SVGD | .761 | .526 | .079 | .421 | .697 | – | 7.3 |
| ULA | .198 | .045 | .496 | .015 | .970 | – | .086 |
| MALA | .033 | .021 | .496 | .014 | .950 | – | .26 |
| HMC | .046 | .088 | .434 | .066 | .949 | – | .018 |
| SVGD | .586 | .504 | .101 | .399 | .748 | – | 1.7 |
| LAWGD, exact eigenpairs | .033 | .011 | .500 | .001 | .937 | .000 | .12 |
| independent exact sample (floor) | .034 | .025 | .504 | .015 | .948 | – | .0026 |

All ten KSWGD runs end within .02 of the exact mass, with 13 % of moves onto the data; nine of ten draws of the data without repetition do, too. MALA, whose best
step lets 2,000 iterations cross the barrier several times, is as good in KL. ULA crosses it with a step so large that its particles lie a third farther apart than they
should, HMC lacks .07 of the mass, and SVGD, DMPS and the samplers of kernel densities stay where they are. LAWGD with exact eigenfunctions has the mass to .001.

`asymmetric-well` is the same with a well in which all particles start, of mass .1426 at T = .5 and .0443 at T = .3:

| | T = .5: KL | mass | error of it | T = .3: KL | mass | error of it |
|---|---|---|---|---|---|---|
| KSWGD | .011 | .140 | .006 | .105 | .052 | .009 |
| DMPS, normalised step | .006 | .140 | .005 | 1.185 | .350 | .311 |
| bootstrap of the data | .015 | .143 | .011 | .029 | .044 | .008 |
| data, none repeated before all | .013 | .142 | .007 | .027 | .043 | .004 |
| bootstrap, smoothed | .023 | .134 | .010 | .048 | .039 | .006 |
| kernel density, ULA | 1.016 | .736 | .594 | 2.516 | .869 | .825 |
| kernel density, SVGD | .046 | .181 | .039 | .812 | .351 | .307 |
| ULA | .041 | .157 | .020 | .123 | .063 | .019 |
| MALA | .014 | .141 | .005 | .024 | .049 | .004 |
| HMC | .011 | .147 | .007 | .028 | .049 | .005 |
| SVGD | .019 | .160 | .017 | .228 | .182 | .138 |
| LAWGD, exact eigenpairs | .008 | .143 | .001 | .021 | .044 | .000 |
| independent exact sample (floor) | .014 | .149 | .017 | .027 | .045 | .008 |

At T = .5 the particles have the mass of the data to .0025 in the worst of five runs. At T = .3, where the default Gaussians do not reach across the barrier, wide ones
lead the particles and narrow ones shape the wells, in turn: the error of the mass is that of the bootstrap, but **KL is four times that of every plain draw**, because some
particles are left on the barrier; the warnings say that the marginal differs there. Gaussians of width .4, as in the first section, bring the mass to half a percent.

`swarm`, 20,000 short trajectories, mass of the right well .1426; all rows but the last two use the reweighted data:

| | KL | mass | error of it | MMD | nn ratio |
|---|---|---|---|---|---|
| KSWGD | .033 | .138 | .005 | .015 | .69 |
| bootstrap of the data | .034 | .132 | .010 | .026 | .65 |
| data, none repeated before all | .029 | .139 | .006 | .020 | .95 |
| bootstrap, smoothed | .055 | .137 | .006 | .025 | 1.02 |
| kernel density, ULA | 1.377 | .465 | .322 | .446 | 2.39 |
| kernel density, SVGD | .134 | .188 | .045 | .092 | 1.05 |
| data as they are | .346 | .465 | .322 | .403 | 1.60 |
| independent exact sample (floor) | .010 | .145 | .009 | .016 | .99 |

The weights do the work: without them the well has three times its mass, with them every plain draw has it to .01. The particles have the least error of the mass and
the least MMD; in KL reweighted data without repetition are nearer (.029 against .033), and the particles lie closer together than independent ones.

`posterior`, a Gaussian prior in the plane with 2,000 samples (KL by the Gaussian formula), mild and strong likelihoods; the bootstrap is importance resampling, and
the start the prior:

| | mild: KL | mean error | nn ratio | strong: KL | mean error | nn ratio |
|---|---|---|---|---|---|---|
| KSWGD | .0049 | .030 | 1.02 | .0099 | .064 | .97 |
| bootstrap of the data | .0067 | .062 | .66 | .0148 | .087 | .00 |
| data, none repeated before all | .0063 | .060 | 1.03 | .0119 | .068 | .00 |
| bootstrap, smoothed | .0210 | .050 | 1.09 | .0173 | .089 | .63 |
| kernel density, ULA | .0377 | .061 | 1.09 | 1.1595 | .683 | .72 |
| kernel density, SVGD | .0228 | .040 | 1.20 | .1684 | .228 | .71 |
| start | 1.5642 | .803 | 1.46 | 27.9167 | 1.984 | 2.07 |
| MALA | .0043 | .047 | 1.01 | .0059 | .049 | .95 |
| SVGD | .0007 | .004 | 1.08 | .0036 | .014 | 1.03 |
| independent exact sample (floor) | .0081 | .052 | 1.01 | .0081 | .050 | 1.00 |

Of the methods that see only weighted samples KSWGD is best in both, by 17 to 33 % in KL over plain draws, with distinct particles. SVGD and MALA with the exact score
are better.

`torus` (R = 2, r = .8; 800 samples, 2,000 particles from a patch), `sphere` (800, 1,000) and `circle` (500, 700); ULA uses the exact law, as Brownian motion on the
surface:

| | torus: φ TV | MMD | coverage | nn ratio | sphere: MMD | coverage | nn ratio | circle: MMD | coverage | nn ratio |
|---|---|---|---|---|---|---|---|---|---|---|
| KSWGD | .064 | .029 | .939 | .96 | .022 | .945 | .97 | .022 | .940 | .95 |
| DMPS, normalised step | .098 | .030 | .845 | .74 | .024 | .842 | .68 | .026 | .544 | .16 |
| bootstrap of the data | .105 | .023 | .720 | .00 | .030 | .822 | .00 | .031 | .775 | .00 |
| data, none repeated before all | .086 | .027 | .745 | .00 | .024 | .917 | .57 | .022 | .857 | .00 |
| bootstrap, smoothed | .063 | .032 | .918 | .93 | .037 | .917 | .93 | .030 | .892 | .82 |
| kernel density, ULA | .085 | .313 | .742 | .75 | .204 | .820 | .82 | .568 | .222 | .13 |
| start | .900 | .596 | .021 | .07 | .569 | .074 | .22 | .580 | .102 | .10 |
| ULA | .063 | .025 | .957 | .99 | .021 | .946 | .97 | .025 | .945 | .98 |
| data as they are | .083 | .029 | .745 | 1.57 | .022 | .917 | 1.12 | .022 | .857 | 1.30 |
| independent exact sample (floor) | .052 | .018 | .957 | 1.00 | .022 | .943 | .98 | .026 | .945 | .96 |

The particles have the MMD of the samples themselves, and fill the gaps between them as independent samples do; draws from the samples have their MMD without
that. ULA, which knows the law, is nearer on the torus and as near on the sphere.

`sphere-10` and `sphere-100`: the unit spheres of 10 and 100 dimensions, 2,000 samples of the uniform law, 1,000 particles from a spot .3 wide around a pole. The
exact mean is 0 and the exact second moments are 1/d times the identity; errors are Euclidean and Frobenius norms. The default dictionary, 100 Gaussians and the coordinates, holds
in both:

| | d = 10: MMD | mean | second moments | nn ratio | d = 100: MMD | mean | second moments | nn ratio |
|---|---|---|---|---|---|---|---|---|
| KSWGD | .019 | .019 | .024 | 1.00 | .021 | .021 | .031 | 1.00 |
| DMPS, normalised step | .022 | .024 | .030 | .97 | .313 | .438 | .676 | .00 |
| bootstrap of the data | .027 | .036 | .037 | .88 | .029 | .038 | .039 | .98 |
| data, none repeated before all | .025 | .031 | .030 | 1.01 | .024 | .031 | .032 | 1.00 |
| bootstrap, smoothed | .022 | .029 | .032 | .99 | .027 | .037 | .033 | .98 |
| kernel density, ULA | .028 | .034 | .036 | .99 | .268 | .463 | .275 | .79 |
| start | .593 | .962 | .870 | .25 | .594 | .958 | .913 | .28 |
| ULA | .023 | .032 | .028 | 1.01 | .024 | .030 | .031 | 1.00 |
| data as they are | .019 | .019 | .022 | .93 | .020 | .021 | .022 | .99 |
| independent exact sample (floor) | .025 | .036 | .029 | 1.01 | .025 | .032 | .031 | 1.00 |

In both dimensions the particles have the MMD and the mean of the 2,000 samples, which are nearer than 1,000 independent draws, with the distances between neighbours
of independent draws; the guard never acts, and no run warns. Plain draws of the samples and ULA, which knows the law, are at the floor. DMPS and the kernel density with Langevin steps fail in 100
dimensions.

`allen-cahn-spde`: fields with two phases, learned from the stochastic Allen-Cahn equation ∂u/∂t = κΔu + u - u³ + √(2/β) ξ. Trajectories start as noise of every site in
(-½, ½), 51 snapshots .2 apart are taken after 25 units of time, and the particles start as further noise, between the phases. A torus of 32 × 32 sites (κ = .05, β = 60, 100
trajectories, 200 particles, 8 latents), and a ring of 64 (κ = .03, β = 30; 200, 500, 4); three seeds. *KSWGD* takes the spectrum of the pairs in principal
coordinates or in the latents of an autoencoder; the rest of each field, and that of the other methods in latents, is drawn from the snapshots. ULA, MALA and pCN
know the law. The reference is that of Metropolis chains, whose two starts agree to a scale reduction of 1.002. *TV* is that of the law of a site's value:

| | torus: MMD | coverage | mass error | TV | put back | ring: MMD | coverage | mass error | TV | put back |
|---|---|---|---|---|---|---|---|---|---|---|
| KSWGD | .056 | .941 | .035 | .067 | .915 | .056 | .934 | .035 | .055 | .470 |
| KSWGD, autoencoder | .046 | .954 | .017 | .038 | 1.487 | .055 | .943 | .035 | .060 | .167 |
| KSWGD, snapshots as samples | .073 | .944 | .037 | .110 | .120 | .056 | .933 | .037 | .058 | .029 |
| DMPS, normalised step | .046 | .958 | .025 | .022 | .000 | .057 | .943 | .037 | .052 | .140 |
| bootstrap of the data | .049 | .948 | .020 | .025 | – | .056 | .956 | .036 | .051 | – |
| data, none repeated before all | .052 | .938 | .033 | .027 | – | .055 | .950 | .033 | .047 | – |
| bootstrap, smoothed | .060 | .927 | .030 | .040 | – | .046 | .955 | .025 | .054 | – |
| kernel density, ULA | .071 | .926 | .065 | .051 | – | .197 | .956 | .164 | .210 | – |
| kernel density, SVGD | .258 | .803 | .067 | .273 | – | .225 | .950 | .185 | .214 | – |
| bootstrap of whole fields | .056 | .939 | .028 | .033 | – | .045 | .949 | .025 | .042 | – |
| start | .346 | .080 | .032 | .604 | – | .472 | .000 | .023 | .879 | – |
| ULA | .235 | .379 | .048 | .241 | – | .341 | .750 | .011 | .522 | – |
| MALA, preconditioned, exact law | .215 | .862 | .018 | .233 | – | .062 | .963 | .006 | .087 | – |
| pCN with shifts, exact law | .073 | .964 | .017 | .069 | – | .046 | .936 | .021 | .042 | – |
| independent exact sample (floor) | .047 | .958 | .022 | .023 | – | .025 | .951 | .013 | .026 | – |

The spectrum of the trajectories moves the particles from between the phases to the law, on the torus best in the latents of the autoencoder, which is at the floor
in MMD. The snapshots themselves are as good at no cost, and a bootstrap of whole fields is better on the ring: the trajectories have reached both phases, and their share of each is all that is known. KSWGD puts 3 to 149 % of the
particles back onto the data. ULA and preconditioned MALA do not forget the start in 600 and 60 steps on the torus; pCN, made for such laws, does. The
paper's own parameters freeze every site near ±1, where no reference can be verified.

`ablation`, six seeds: what the safeguards of the flow contribute. Every five iterations the *guard* moves particles that are farther than a length from all data back
onto the data, and where no data lie between groups of them, deals the particles to the groups by mass; the *jitter* then frees particles from each other by
noise of .6 lengths, and the *polish* is thirty iterations after it. *Put back* counts moves onto the data per particle. Cold well (T = .2, from one of two wells), and
the four wells:

| | cold: KL | mass error | put back | four wells: KL | coverage | put back |
|---|---|---|---|---|---|---|
| KSWGD | .230 | .047 | 1.115 | .037 | .951 | .022 |
| no guard | 4.668 | .101 | .000 | .042 | .948 | .000 |
| no jitter | .282 | .063 | .873 | .035 | .956 | .003 |
| no polish | .318 | .063 | .871 | .232 | .971 | .057 |
| neither guard nor jitter | 4.443 | .112 | .000 | .035 | .956 | .000 |
| Gaussians twice as wide | .038 | .008 | .016 | .073 | .907 | .004 |
| four times as wide | .062 | .008 | .214 | .091 | .892 | .087 |
| four times as wide, no guard | .115 | .010 | .000 | .102 | .881 | .000 |
| independent exact sample (floor) | .035 | .014 | – | .043 | .954 | – |

With Gaussians of the default width, which is chosen for accurate rates, the cold well is carried by the guard: every particle is put back once. Twice as wide they cross the
barrier by themselves, and 2 % are put back; on four warm wells the default is better, and the method stands without its guard. `ParticleFlow.sample` and `sampleFrom`
therefore start with the default width, take wider Gaussians only if the result misses a marginal of the data or puts more than 5 % back, and comes nearer to the data
by it, and go on from there with the default width.

`theorem`, ten seeds, t = 10. The rate is -dKL/dt; half time: when it has fallen to half of χ². Bounds at the end, the worst of the seeds; all bounds hold on every
seed:

| | KL at the start | at the end | over r/2n | rate over χ² | half time | Theorem 4.7 | with sampling |
|---|---|---|---|---|---|---|---|
| Gaussian, two modes, n = 10,000 | .5 | 8.9·10⁻⁵ | .888 | .87 | 4.99 | ∞ | 8.5·10⁻⁴ |
| two wells on a circle, barrier 2, n = 10,000 | .349 | .00308 | 3.85 | 1 | 2.88 | .00987 | .0136 |
| the same, barrier 3 | .366 | .00973 | 12.2 | 1 | 2.3 | .0307 | .0387 |
| four wells from the centre, n = 2,000 | 1.43 | .0237 | 1.1 | .999 | 2.95 | .705 | .282 |
| four wells from tilted ones | .179 | .0361 | 1.68 | .997 | 1 | 2,340 | 69.8 |

The plateau falls as n^{-.97 ± .05} for the Gaussian, from 10³ to 10⁵ samples, with the constant r/2n; on the circle as
n^{-.91 ± .03} and twice that constant, since the flow itself makes waves that the modes do not see. What the theory promises holds until then: constant
dissipation, -dKL/dt = χ² to some percent. The theorem's own bound is of use on compact spaces only; from tilted wells, whose tails have no data, the tail
makes it vacuous although KL falls to .04. The same density, carried by DMPS (20 modes, 1,000 samples) and by SVGD with the exact score (its time scaled to
start at χ²), has lost half of its dissipation at t = 2 and 2; SVGD's falls on to .08 of χ² at t = 10. But SVGD knows the score, so it has no plateau: KL is .0080 at the
end, against .0237 from 2,000 samples.

In short:

- **It is better** from starts on the wrong side of a barrier, where SVGD, DMPS and samplers of kernel densities get stuck, and chains need a score and many
  iterations; for posteriors from weighted samples; on surfaces, where it fills the gaps between few samples; and in diversity against draws with repetition. For data
  out of equilibrium the weights of `Swarm.run` give the masses, and draws of the reweighted data are as good as particles.
- **It is not better** where equilibrium samples are available: as many of them as there are particles, none drawn twice (the row *data* of every table), cost
  nothing and are as good within the error of the data, except that there may be fewer of them than particles. Nor where the score is known and the barrier
  low: chains are then cheaper, SVGD is nearer, and LAWGD with exact eigenfunctions is the most accurate throughout.
- **It is as good as the data.** The particles match the moments of the data to many digits; on surfaces their MMD to the true law *is* that of the samples.
- **It can fail silently** by less than its test of marginals sees: in the asymmetric well at T = .3 the default width leaves .02 of the mass behind.
- DMPS with a normalised step is no worse in MMD if it starts inside the data, but its particles clump, and it fails in the cold wells and in 100 dimensions.
*)
finish ()
