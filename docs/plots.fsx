(**
# Charts

`Koopman.Plots` makes charts of spectra, modes, timescales, particles, paths and images. Each function takes a result of the library and
returns a chart of [Plotly.NET](https://plotly.net), whose functions can modify it further; `Page.save` writes charts to one HTML file that opens
offline, with light and dark modes, on a phone and in print. The tool's reports use the same charts. The script checks what it
claims and ends with exit code 1 if a claim fails. Build first (`./koopman setup`), then:

    dotnet fsi docs/plots.fsx

In a script of your own, `#r "nuget: Koopman-cpu"` and `#r "nuget: Koopman.Plots"` replace the lines below. Plotly.NET 6 needs FSharp.Core
10.1.403 or later; F# Interactive of SDK 10.0.401 is recent enough. A new F# project references the FSharp.Core of its SDK; if that is too old, NuGet
rejects it as a downgrade (NU1605), and the project must name the version itself:

    <PackageReference Include="Koopman.Plots" Version="0.1.0" />
    <PackageReference Update="FSharp.Core" Version="10.1.404" />

A C# project needs only the first of the two.
*)
#load "samples/Claims.fsx"
#I "../artifacts/bin/Koopman.Plots/release"
#r "DynamicObj.dll"
#r "Giraffe.ViewEngine.dll"
#r "Newtonsoft.Json.dll"
#r "Plotly.NET.dll"
#r "Koopman.Plots.dll"

open System.IO
open Koopman
open Koopman.Plots
open Plotly.NET
open TorchSharp
open Claims
open Koopman.Metrics
open Koopman.Particles
open Koopman.Flows

(**
## A spectrum

The four wells V = (x²-1)² + (y²-1)², whose rates are known. A rate has its 95 % interval as a bar, and an open marker if it has a warning;
eigenvalues are coloured by their residuals, and a ring marks a warning, which is shown on hover.
*)
let wells = Systems.quadrupleWell.Value
let data = Systems.equilibrium wells 4000 (Seed.ofInt 1) |> Outcome.get

let observables =
    Observables.gaussiansOver Observables.automatic data |> Outcome.get

let spectrum = Langevin.fit Langevin.defaults observables data |> Outcome.get

let eigenvalues = SpectrumPlot.eigenvalues spectrum
let rates = SpectrumPlot.ratesBeside wells.Rates spectrum

(**
An eigenfunction is drawn over data as coloured points, on a grid as a map; in one dimension either is a curve. Sets that the process rarely
leaves have one colour.
*)
let grid: DensityGrid =
    {
        Low = -2.0
        High = 2.0
        Points = 60
        Dimension = 2
    }

let overData = SpectrumPlot.eigenfunction 1 data spectrum
let onGrid = SpectrumPlot.eigenfunctionOn grid 3 spectrum

(** Decay of the modes; the band of each shows the interval of its rate. *)
let decay =
    SpectrumPlot.modesInTime 3 (Array.init 61 (fun i -> 0.05 * float i)) spectrum

(**
## Timescales and pseudospectra

Timescales of one long trajectory of the double well against the lag, and the smallest residual of any function over the complex plane. *)
let states =
    Systems.trajectory (Systems.doubleWell 1.0) 5000 0.1 (Seed.ofInt 2)
    |> Outcome.get

let path = Trajectories.create 0.1 [ states.Points ] |> Outcome.get
let line = Observables.gaussiansOver Observables.automatic states |> Outcome.get

let fit (pairs: SnapshotPairs) : Outcome<Spectrum> =
    Edmd.reversible { Edmd.defaults with Modes = 3 } line pairs

let timescales =
    Timescales.implied 3 fit (fun steps -> Trajectories.pairs steps path) [ 1; 2; 3; 5; 10; 20; 30 ]
    |> Outcome.get
    |> TimescalePlot.implied

let pairs = Trajectories.pairs 1 path |> Outcome.get
let monomials = Observables.monomials 5 1 |> Outcome.get
let model = Edmd.fit Edmd.defaults monomials pairs |> Outcome.get

let plane: PlaneOptions =
    {
        Real = -1.2, 1.2
        Imaginary = -1.2, 1.2
        Columns = 50
        Rows = 50
    }

let pseudospectrum =
    Pseudospectrum.fit Pseudospectrum.defaults monomials pairs
    |> Outcome.get
    |> Pseudospectrum.grid Control.none plane
    |> Outcome.get
    |> PseudospectrumPlot.contours model.Spectrum

(** The same trajectory over time, and several in the plane. *)
let inTime = PathPlot.inTime 0 path

let several =
    [
        for seed in 1..3 do
            let states = Systems.trajectory wells 300 0.02 (Seed.ofInt seed) |> Outcome.get
            states.Points
    ]
    |> Trajectories.create 0.02
    |> Outcome.get

let inPlane = PathPlot.inPlane several

(**
## Particles

Particles over the target density, one coordinate of them with its exact density, and the energy over the iterations. *)
let start = Samples.gaussianLike 1000 (Seed.ofInt 3) data |> Outcome.get

let flow =
    ParticleFlow.run Control.none ParticleFlow.defaults (Seed.ofInt 0) spectrum data start
    |> Outcome.get

let particles =
    ParticlePlot.overDensity "Particles over the density" grid (Kde.boltzmann grid wells) flow.Particles

let beside = ParticlePlot.besideData "Particles" data flow.Particles

// The wells are a product: the density of one coordinate is that of the double well.
let axis = { grid with Dimension = 1 }

let coordinate =
    let exact = Kde.boltzmann axis (Systems.doubleWell 1.0)
    DensityPlot.besideExact "The first coordinate" axis.Axis exact 0 flow.Particles

let energies = ParticlePlot.energies flow

(**
## Trainings and images

Losses over the steps, on a logarithmic axis if all are positive. Images are tensors (N, H, W) or (N, C, H, W), grey or colour. *)
let training, heldOut = ResizeArray<float>(), ResizeArray<float>()

let control =
    Control.report (fun (progress: TrainingProgress) ->
        training.Add progress.TrainingLoss
        heldOut.Add progress.HeldOutLoss)

let learned =
    LearnedDictionary.train
        control
        { LearnedDictionary.defaults with
            Epochs = 30
        }
        (Seed.ofInt 1)
        pairs
    |> Outcome.get

let losses =
    TrainingPlot.losses
        "A learned dictionary"
        [| "training"; "held-out rows" |]
        [| training.ToArray(); heldOut.ToArray() |]

let waves =
    let along (axis: int64) =
        torch.linspace(0.0, 6.28, 24L, dtype = torch.float64).unsqueeze axis

    torch.stack
        [|
            for k in 1..12 -> torch.sin (Tensors.num (float k / 4.0) * along 0L + along 1L)
        |]

let images =
    ImagePlot.grid
        { ImagePlot.defaults with
            Across = 6
            Black = -1.0
        }
        "Waves"
        waves

(**
## Custom charts

Other charts can be built from the same parts: layers with numbered colours, axes, a title. Every function of Plotly.NET can then be applied to the
chart; these modify a chart in place, while the functions of this library return a new one. *)
let own =
    let t = Array.init 101 (fun i -> float i / 10.0)

    [
        Layer.band 0 "interval" t (t |> Array.map (fun t -> exp (-0.5 * t))) (t |> Array.map (fun t -> exp (-0.3 * t)))
        Layer.line 0 "measured" t (t |> Array.map (fun t -> exp (-0.4 * t)))
        Layer.dashed 1 "expected" t (t |> Array.map (fun t -> exp (-0.45 * t)))
    ]
    |> Figure.create "A decay" (Axis.linear "time (ns)") (Axis.logarithmic "correlation" |> Axis.between 0.01 1.0)
    |> Figure.withCaption "The band is the 95 % interval."
    |> Chart.withLegendStyle (
        X = 1.0,
        XAnchor = StyleParam.XAnchorPosition.Right,
        YAnchor = StyleParam.YAnchorPosition.Top
    )

(** One page with all of them; `Chart.show rates` would open one chart in the browser. *)
let page = Path.Combine(__SOURCE_DIRECTORY__, "..", "artifacts", "plots.html")

Page.save
    page
    "Charts"
    [
        eigenvalues
        rates
        overData
        onGrid
        decay
        timescales
        pseudospectrum
        inTime
        inPlane
        particles
        beside
        coordinate
        energies
        losses
        images
        own
    ]

let text = File.ReadAllText page

claim
    "the page contains plotly.js once, and loads nothing from elsewhere"
    (not (text.Contains "<script src") && not (text.Contains "<link"))

claim "the page contains all charts" (text.Split("<figure").Length - 1 = 16)

(**
A C# program calls the same functions by their C# names:

```csharp
using Koopman.Plots;

var rates = SpectrumPlot.RatesBeside(wells.Rates, spectrum);
var function = SpectrumPlot.Eigenfunction(1, data, spectrum);
Page.Save("spectrum.html", "Four wells", [rates, function]);
```
*)
finish ()
